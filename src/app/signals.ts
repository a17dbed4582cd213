import type { LoadedConfig } from '../config/load.ts'
import type { EventLifecycle } from '../control/event-lifecycle.ts'
import type { Broker } from '../signals/broker.ts'
import { connectBroker } from '../signals/broker.ts'
import { createMqttSignalSource, type MqttSignalSource } from '../signals/mqtt/source.ts'
import type { AppBase } from './base.ts'
import { brokerOptions } from './meters.ts'

/** One connection per broker for prices, made when it is first asked for. */
export const createPriceBrokers = ({ loaded, clock, random, log }: AppBase) => {
  const brokers = new Map<string, Broker>()
  return {
    get: (id: string): Broker => {
      const known = brokers.get(id)
      if (known) return known
      const setting = loaded.config.brokers!.find((broker) => broker.id === id)!
      const broker = connectBroker(
        {
          version: 5,
          ...brokerOptions(loaded, setting),
          clientId: `${setting.clientId ?? `busbar-${loaded.site.id}`}-prices`,
        },
        { clock, random, log },
      )
      brokers.set(id, broker)
      return broker
    },
    stop: async (): Promise<void> => {
      await Promise.all([...brokers.values()].map((broker) => broker.stop()))
    },
  }
}

type SignalConfig = NonNullable<LoadedConfig['config']['signals']>[number]

/**
 * The name by which a signal source is known to its broker. Of two connections of one name a broker
 * ends the older: only a source that has the broker for itself bears the configured name alone.
 */
export const signalClientId = (
  { config, site }: Pick<LoadedConfig, 'config' | 'site'>,
  { id, broker }: Pick<SignalConfig, 'id' | 'broker'>,
): string => {
  const clientId = config.brokers?.find((known) => known.id === broker)?.clientId
  if (clientId === undefined) return `busbar-${site.id}-${id}`
  const sharing = (config.signals ?? []).filter((signal) => signal.broker === broker)
  return sharing.length > 1 ? `${clientId}-${id}` : clientId
}

/** The utilities that may send events. `ratedPowerW`: of all EVSEs together. */
export const buildSignalSources = (
  base: AppBase,
  events: EventLifecycle,
  ratedPowerW: number,
): readonly MqttSignalSource[] => {
  const { loaded, clock, random, log } = base
  return (loaded.config.signals ?? []).map((signal) => {
    const setting = loaded.config.brokers!.find((broker) => broker.id === signal.broker)!
    return createMqttSignalSource(
      {
        id: signal.id,
        broker: {
          version: 5,
          ...brokerOptions(loaded, setting),
          clientId: signalClientId(loaded, signal),
        },
        prefix: signal.prefix ?? 'gs/v1',
        operator: signal.operator,
        party: signal.party,
        groups: signal.groups ?? [],
        ...(signal.aliases && { aliases: signal.aliases }),
        points: signal.readings ?? null,
        ratedPowerW,
        manifestPeriodS: signal.manifestPeriodS ?? null,
      },
      { clock, random, log, book: events.book(signal.id) },
    )
  })
}

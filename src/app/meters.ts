import { join } from 'node:path'
import type { LoadedConfig } from '../config/load.ts'
import type { EvseMeasurement } from '../domain/reading.ts'
import { createBrokerPool } from '../meters/broker.ts'
import { createMeters, type MeterEntry, type Meters, type MeterSettings } from '../meters/meters.ts'
import { createMqttMeter } from '../meters/mqtt.ts'
import { createOpcUaMeter } from '../meters/opcua.ts'
import { createOpcUaPool } from '../meters/opcua-endpoint.ts'
import type { OpcUaIdentity } from '../meters/opcua-session.ts'
import { createStationMeter } from '../meters/station.ts'
import { createVirtualMeters } from '../meters/virtual.ts'
import type { Quantity } from '../meters/quantity.ts'
import type { Reading } from '../domain/reading.ts'
import type { Clock } from '../ports/clock.ts'
import type { AppBase } from './base.ts'

/** The latest measurement of an EVSE, by its key. */
export type MeasuredOf = (evseKey: string) => EvseMeasurement | null

/** All meters of the configuration. Nothing connects before `start()`. */
export const buildMeters = async (
  base: AppBase,
  measured: MeasuredOf,
  onReading: (reading: Reading) => void,
): Promise<Meters> => {
  const { loaded, clock, random, log, storage, fabric } = base
  const { config, site } = loaded
  const brokers = createBrokerPool(
    (config.brokers ?? []).map((broker) => ({
      ...brokerOptions(loaded, broker),
      ...(broker.clientId ? { clientId: `${broker.clientId}-meters` } : {}),
    })),
    { clock, random, log },
  )
  const servers = createOpcUaPool(
    (config.opcua ?? []).map(({ identity, ...server }, index) => ({
      ...server,
      pkiFolder: join(base.dataDir, 'pki', server.id),
      ...(identity ? { identity: identityOf(loaded, index, identity) } : {}),
    })),
    { clock, random, log },
  )
  const known = new Map<string, ReadonlySet<Quantity> | null>()
  const virtuals: { id: string; formulas: object }[] = []
  const settingsOf = new Map<string, MeterSettings>()
  const entries: MeterEntry[] = []
  for (const meter of config.meters ?? []) {
    const { staleAfterS, storeEveryS, storeChange, wiring, maxA, maxW } = meter
    const load = site.loads.find(({ meterId }) => meterId === meter.id)
    const settings: MeterSettings = {
      ...(staleAfterS === undefined ? {} : { staleAfterS }),
      ...(storeEveryS === undefined ? {} : { storeEveryS }),
      ...(storeChange === undefined ? {} : { storeChange }),
      ...(wiring ? { wiring } : load ? { wiring: load.wiring } : {}),
      ...(maxA === undefined ? {} : { maxA }),
      ...(maxW === undefined ? {} : { maxW }),
    }
    settingsOf.set(meter.id, settings)
    switch (meter.kind) {
      case 'mqtt': {
        known.set(meter.id, new Set(Object.keys(meter.values) as Quantity[]))
        const source = createMqttMeter(meter, brokers.get(meter.broker), { clock, log })
        entries.push({ source, settings })
        break
      }
      case 'opcua': {
        known.set(meter.id, new Set(Object.keys(meter.values) as Quantity[]))
        const source = createOpcUaMeter(meter, servers.get(meter.server), { clock, log })
        entries.push({ source, settings })
        break
      }
      case 'station': {
        known.set(meter.id, null)
        const source = createStationMeter(
          { id: meter.id, evseKey: meter.evse },
          watchEvses(clock, measured),
          { clock },
        )
        entries.push({ source, settings })
        break
      }
      case 'virtual':
        virtuals.push(meter)
        break
    }
  }
  const virtual = await createVirtualMeters(virtuals, known, { clock })
  for (const source of virtual.sources) {
    entries.push({ source, settings: settingsOf.get(source.id) ?? {}, uses: source.uses })
  }

  return createMeters(entries, {
    clock,
    log,
    supply: site.supply,
    onReading: (reading, store) => {
      virtual.update(reading)
      onReading(reading)
      if (!store) return
      const { meterId, measuredAtMs, receivedAtMs, quality, ...values } = reading
      storage.append({
        table: 'reading',
        row: { meterId, measuredAtMs, receivedAtMs, quality, values },
      })
      fabric.publish({ kind: 'reading', id: meterId, atMs: receivedAtMs, data: reading })
    },
  })
}

/** What the EVSEs measure, looked at once a second. */
const watchEvses =
  (clock: Clock, measured: MeasuredOf) =>
  (evseKey: string, listener: (measurement: EvseMeasurement) => void): (() => void) => {
    let last: EvseMeasurement | null = null
    return clock.every(1000, () => {
      const now = measured(evseKey)
      if (now === null || now === last) return
      last = now
      listener(now)
    })
  }

type BrokerConfig = NonNullable<LoadedConfig['config']['brokers']>[number]

/** A broker of the configuration with its files read. */
export const brokerOptions = (loaded: LoadedConfig, broker: BrokerConfig) => {
  const { caFile, certFile, keyFile, ...rest } = broker
  const index = loaded.config.brokers!.indexOf(broker)
  const read = (key: string, file: string): string => loaded.readText(['brokers', index, key], file)
  return {
    ...rest,
    ...(caFile ? { ca: read('caFile', caFile) } : {}),
    ...(certFile ? { cert: read('certFile', certFile) } : {}),
    ...(keyFile ? { key: read('keyFile', keyFile) } : {}),
  }
}

type IdentityConfig = NonNullable<NonNullable<LoadedConfig['config']['opcua']>[number]['identity']>

const identityOf = (
  loaded: LoadedConfig,
  server: number,
  identity: IdentityConfig,
): OpcUaIdentity => {
  if ('username' in identity) return identity
  const read = (key: 'certFile' | 'keyFile'): string =>
    loaded.readText(['opcua', server, 'identity', key], identity[key])
  return { cert: read('certFile'), key: read('keyFile') }
}

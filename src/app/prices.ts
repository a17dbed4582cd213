import { DateTime } from 'luxon'
import type { DemandCharge, PriceSeries } from '../domain/price.ts'
import { createPrices, type Prices } from '../control/planning/prices.ts'
import type { PriceSource } from '../ports/signal-source.ts'
import type { Broker } from '../signals/broker.ts'
import { createPriceFile } from '../signals/prices/file.ts'
import { createMqttPrices } from '../signals/prices/mqtt.ts'
import { createTariffPrices } from '../signals/prices/tariff.ts'
import { demandCharges, demandHistory } from '../tariffs/demand-charges.ts'
import { tariffPrices } from '../tariffs/price-series.ts'
import type { Tariff } from '../tariffs/tariff.ts'
import { lapsed } from '../tariffs/validity.ts'
import type { AppBase } from './base.ts'
import type { ImportHistory } from './import-history.ts'
import { tariffOf } from './tariff.ts'

export interface PriceSide {
  readonly prices: Prices
  readonly sources: readonly PriceSource[]
  /** Demand charges of the tariffs, as they stand at an instant. */
  readonly demand: (nowMs: number) => readonly DemandCharge[]
  start(): Promise<void>
  stop(): Promise<void>
}

/** How long a demand charge that was worked out serves. */
const DEMAND_EVERY_MS = 60_000

/**
 * Tariffs, price files and price topics. Of two that speak of the same time the later listed wins, but
 * a tariff that follows the market always stands above the market's own prices.
 */
export const buildPrices = async (
  base: AppBase,
  brokerOf: (id: string) => Broker,
  history: ImportHistory,
): Promise<PriceSide> => {
  const { loaded, clock, log, fabric } = base
  const settings = loaded.config.prices ?? []
  const { currency, timeZone } = loaded.config.site
  const tariffs: { readonly id: string; readonly tariff: Tariff }[] = []
  const refreshers: (() => void)[] = []

  /** The market price that formulas use: the import series listed last that is no tariff. */
  const spot = (): PriceSeries | undefined => {
    const markets = settings.filter(({ kind }) => kind !== 'tariff').map(({ id }) => id)
    return prices
      .all()
      .filter(({ kind, sourceId }) => kind === 'import' && markets.includes(sourceId))
      .sort((a, b) => markets.indexOf(a.sourceId) - markets.indexOf(b.sourceId))
      .at(-1)
  }

  const sourceOf = async (setting: (typeof settings)[number]): Promise<PriceSource> => {
    switch (setting.kind) {
      case 'tariff': {
        const tariff = await tariffOf(loaded, settings.indexOf(setting), setting.tariff)
        tariffs.push({ id: setting.id, tariff })
        const source = createTariffPrices(
          { id: setting.id, lapsed: (atMs) => lapsed(tariff, atMs) },
          (fromMs, toMs) => {
            const market = tariff.file.spot ? spot() : undefined
            return tariffPrices(tariff, fromMs, toMs, market ? { spot: market } : {})
          },
          { clock, log },
        )
        if (tariff.file.spot) refreshers.push(() => source.refresh())
        return source
      }
      case 'file':
        return createPriceFile(
          {
            id: setting.id,
            path: loaded.pathOf(setting.file),
            currency: setting.currency ?? currency,
            timeZone,
            ...(setting.series ? { series: setting.series } : {}),
          },
          { clock, log },
        )
      case 'mqtt':
        return createMqttPrices(
          {
            id: setting.id,
            topic: setting.topic,
            currency,
            ...(setting.series ? { series: setting.series } : {}),
          },
          { broker: brokerOf(setting.broker), clock, log },
        )
    }
  }

  const sources: PriceSource[] = []
  for (const setting of settings) sources.push(await sourceOf(setting))
  // What follows the market has the market's price in it, wherever it is listed.
  const followers = tariffs.filter(({ tariff }) => tariff.file.spot).map(({ id }) => id)
  const others = settings.map(({ id }) => id).filter((id) => !followers.includes(id))
  const prices = createPrices([...others, ...followers])

  /** Nobody here changes money: what is in another currency would be planned with as if it were ours. */
  const foreign = new Set<string>()
  const isForeign = ({ sourceId, kind, currency: theirs }: PriceSeries): boolean => {
    if (kind === 'carbon' || theirs === currency) return false
    const said = `${sourceId}/${theirs}`
    if (!foreign.has(said)) {
      log.error({ sourceId, theirs, ours: currency }, 'prices in a foreign currency are not used')
    }
    foreign.add(said)
    return true
  }

  const accept = (series: PriceSeries): void => {
    if (isForeign(series)) return
    prices.accept(series)
    fabric.publish({
      kind: 'price',
      id: series.sourceId,
      atMs: clock.now(),
      data: { kind: series.kind, segments: series.segments.length },
    })
    if (!tariffs.some(({ id }) => id === series.sourceId))
      for (const refresh of refreshers) refresh()
  }

  let charges: readonly DemandCharge[] = []
  let workedOutAtMs = -Infinity
  const demand = (nowMs: number): readonly DemandCharge[] => {
    if (nowMs - workedOutAtMs < DEMAND_EVERY_MS) return charges
    workedOutAtMs = nowMs
    const horizonMs = DateTime.fromMillis(nowMs).plus({ hours: 36 }).toMillis()
    charges = tariffs.flatMap(({ tariff }) => {
      if (tariff.demand.length === 0 && tariff.subscriptions.length === 0) return []
      const metered = history.series(nowMs)
      const known = metered ? demandHistory(tariff, metered, nowMs) : {}
      return demandCharges(tariff, nowMs, known, { untilMs: horizonMs })
    })
    return charges
  }

  return {
    prices,
    sources,
    demand,
    start: async () => {
      for (const source of sources) await source.start(accept)
    },
    stop: async () => {
      await Promise.all(sources.map((source) => source.stop()))
    },
  }
}

import { createConditions } from '../control/conditions.ts'
import { createPrices } from '../control/planning/prices.ts'
import { createDirectPlanner } from '../control/planning/planners.ts'
import type { LoadedConfig } from '../config/load.ts'
import type { Reading } from '../domain/reading.ts'
import type { Fabric } from '../ports/fabric.ts'
import type { Log } from '../ports/log.ts'
import type { Readings } from '../ports/readings.ts'
import type { SimulationSettings } from '../sim/settings.ts'
import { runVirtual, type VirtualPorts } from '../sim/virtual.ts'
import type { VirtualResult } from '../sim/virtual/measures.ts'
import { createMemoryStorage } from '../storage/memory.ts'
import { demandCharges, demandHistory } from '../tariffs/demand-charges.ts'
import { priceAt, tariffPrices } from '../tariffs/price-series.ts'
import type { Tariff } from '../tariffs/tariff.ts'
import { buildControl } from './control.ts'
import { createImportHistory } from './import-history.ts'
import { tariffOf } from './tariff.ts'
import { simulationOf } from './world.ts'

export interface VirtualRun {
  readonly hours: number
  readonly seed?: number
}

/** Nobody looks at changes in virtual time. */
const NO_FABRIC: Fabric = { publish: () => {}, subscribe: () => () => {} }
const STALE_MS = 60_000

/**
 * A day of the site in seconds: the simulated stations and vehicles in virtual time, steered by the
 * same control code that steers real ones.
 */
export const simulateSite = async (
  loaded: LoadedConfig,
  run: VirtualRun,
  log: Log,
): Promise<VirtualResult> => {
  const { config, site } = loaded
  const tariff = await firstTariff(loaded)
  const priceOf = tariff ? importPrice(tariff) : null
  const steps: ((nowMs: number) => void)[] = []

  const control = (ports: VirtualPorts) => {
    const latest = new Map<string, Reading>()
    const readings: Readings = {
      latest: (meterId) => {
        const reading = latest.get(meterId)
        if (!reading) return null
        const ageMs = ports.clock.now() - reading.measuredAtMs
        return { reading, stale: ageMs > STALE_MS, ageS: ageMs / 1000 }
      },
    }
    const history = createImportHistory(site)
    const side = buildControl({
      loaded,
      clock: ports.clock,
      random: ports.random,
      storage: createMemoryStorage({ log, maxRows: 100_000 }),
      fabric: NO_FABRIC,
      log,
      conditions: createConditions({ clock: ports.clock, fabric: NO_FABRIC, log }),
      dataDir: '.',
      fleet: ports.fleet,
      gateway: ports.gateway,
      readings,
      prices: pricesOf(tariff, ports.clock.now(), run.hours),
      demand: demandOf(tariff, history),
      planner: createDirectPlanner(),
    })
    let ready = false
    void side.load().then(() => {
      ready = true
    })
    steps.push((nowMs) => {
      if (!ready) return
      side.step()
      const grid = side.controller.grid()
      if (grid !== null) history.observe(nowMs, grid)
    })
    return {
      onReading: (reading: Reading) => void latest.set(reading.meterId, reading),
      tick: (nowMs: number) => {
        for (const step of steps) step(nowMs)
      },
    }
  }

  return runVirtual({
    site,
    settings: simulationOf(config) satisfies SimulationSettings,
    hours: run.hours,
    ...(run.seed === undefined ? {} : { seed: run.seed }),
    control,
    ...(priceOf ? { priceAt: priceOf } : {}),
  })
}

const firstTariff = async (loaded: LoadedConfig): Promise<Tariff | null> => {
  for (const [index, price] of (loaded.config.prices ?? []).entries()) {
    if (price.kind === 'tariff') return tariffOf(loaded, index, price.tariff)
  }
  return null
}

const DAY_MS = 86_400_000

/** Price at an instant, worked out day by day. */
const importPrice = (tariff: Tariff): ((atMs: number) => number) => {
  let series = tariffPrices(tariff, 0, 1)[0]
  let untilMs = 0
  return (atMs) => {
    if (atMs >= untilMs) {
      untilMs = atMs + DAY_MS
      series = tariffPrices(tariff, atMs, untilMs).find(({ kind }) => kind === 'import')!
    }
    return priceAt(series, atMs) ?? 0
  }
}

const pricesOf = (tariff: Tariff | null, startMs: number, hours: number) => {
  const prices = createPrices(['tariff'])
  if (!tariff) return prices
  const toMs = startMs + hours * 3_600_000 + 2 * DAY_MS
  for (const series of tariffPrices(tariff, startMs, toMs)) {
    prices.accept({ ...series, sourceId: 'tariff' })
  }
  return prices
}

const demandOf = (tariff: Tariff | null, history: ReturnType<typeof createImportHistory>) => {
  let charges: ReturnType<typeof demandCharges> = []
  let dueMs = -Infinity
  return (nowMs: number) => {
    if (!tariff || (tariff.demand.length === 0 && tariff.subscriptions.length === 0)) return []
    if (nowMs < dueMs) return charges
    dueMs = nowMs + 900_000
    const metered = history.series(nowMs)
    charges = demandCharges(tariff, nowMs, metered ? demandHistory(tariff, metered, nowMs) : {}, {
      untilMs: nowMs + 1.5 * DAY_MS,
    })
    return charges
  }
}

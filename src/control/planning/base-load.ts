import type { ForecastSeries } from '../../domain/forecast-series.ts'
import type { Site } from '../../domain/site.ts'
import type { SiteCalendar } from '../../engine/forecast/calendar.ts'
import { createLoadForecast } from '../../engine/forecast/load.ts'
import { createSlotClock } from '../../engine/forecast/slot-clock.ts'
import type { Readings } from '../../ports/readings.ts'
import type { Storage } from '../../ports/storage.ts'
import type { NodeLoad } from '../node-loads.ts'
import { createBaseHistory, isBelow, type PlantPast } from './base-history.ts'
import { createBaseRecorder } from './base-recorder.ts'
import type { ForecastJournal } from './forecast-journal.ts'
import { createPvPlants, type PvPlant } from './pv-plants.ts'

/** Forecast of what the loads that we do not control will draw at each node, PV taken off. */
export interface BaseLoad {
  /** Takes the uncontrolled loads of a tick into the averages of the present quarter hour. */
  readonly observe: (nowMs: number, loads: readonly NodeLoad[]) => void
  /**
   * Amperes per line (rows 0 to 2) or watts (row 3) of a node at a later time.
   *
   * @param quantile 0.5: as likely more as less; 0.9: more only one time in ten
   */
  readonly forecast: (
    node: number,
    row: number,
    nowMs: number,
    atMs: number,
    quantile?: number,
  ) => number
  /** Nothing but EVSEs is known to be there: its forecast is 0. */
  readonly isBare: (node: number) => boolean
  /** What somebody else expects of one of the PV plants. */
  readonly accept: (series: ForecastSeries) => void
  /** Learns from the readings of the last weeks; to be done before the first tick. */
  readonly load: (nowMs: number) => Promise<void>
}

export interface BaseLoadDeps {
  readonly site: Site
  readonly calendar: SiteCalendar
  readonly storage: Storage
  /** `null` = PV plants are not told apart from the loads beside them. */
  readonly readings: Readings | null
  /** `null` = forecasts are not written down. */
  readonly journal: ForecastJournal | null
}

export const SLOT_MS = 900_000
const ROWS = 4

/**
 * One model per node and line and one for the watts of each node (engine/forecast/load.ts), one per
 * metered PV plant (pv.ts). The rows hold what is drawn besides PV; a forecast takes the PV above
 * the node off again:
 *
 *     base = load - pv        Q(q) = P50 +- sqrt((load's spread at q)^2 + (pv's spread at 1 - q)^2)
 *
 * as the errors of the two have little to do with each other. Per tick O(rows).
 */
export const createBaseLoad = (deps: BaseLoadDeps): BaseLoad => {
  const { site, storage } = deps
  const clock = createSlotClock(deps.calendar, SLOT_MS)
  const plants = createPvPlants(site, clock, deps.readings)
  const above = site.nodes.map(({ id }) =>
    plants.all.filter(({ load }) => isBelow(site, load.nodeId, id)),
  )
  const bare = site.nodes.map(
    ({ id, meterId }) =>
      meterId === null && !site.loads.some(({ nodeId }) => isBelow(site, nodeId, id)),
  )
  const rows = site.nodes.length * ROWS
  const models = Array.from({ length: rows }, () => createLoadForecast(clock))
  const recorder = createBaseRecorder(site, plants.all, storage, deps.journal, SLOT_MS)
  /** What is drawn now, less PV and besides PV, and the sums of both over the running slot. */
  const net = new Float64Array(rows)
  const drawn = new Float64Array(rows)
  const netSums = new Float64Array(rows)
  const drawnSums = new Float64Array(rows)
  /** Ticks in which PV and load of a node could be told apart. */
  const samples = new Float64Array(site.nodes.length)
  let ticks = 0
  let slot = Number.NaN
  let firstMs = 0
  let lastMs = 0

  const closeSlot = (next: number): void => {
    // Half of it must have been seen, and nothing be missing at its end.
    const isWhole = firstMs - slot * SLOT_MS < SLOT_MS / 2 && next === slot + 1
    const given = plants.close(slot, isWhole)
    models.forEach((model, k) => {
      model.learn(slot, isWhole ? drawnSums[k] / samples[Math.floor(k / ROWS)] : Number.NaN)
    })
    const means = netSums.map((sum) => (isWhole ? sum / ticks : Number.NaN))
    recorder.close(slot, means, given, lastMs)
  }

  const startSlot = (next: number, nowMs: number): void => {
    slot = next
    firstMs = nowMs
    ticks = 0
    netSums.fill(0)
    drawnSums.fill(0)
    samples.fill(0)
  }

  /** A silent plant behind the node's own meter hides in what that meter says. */
  const isApart = (n: number, { meteredW }: NodeLoad): boolean =>
    meteredW === null || above[n].every(({ givenW }) => givenW !== null)

  const take = (n: number, load: NodeLoad): void => {
    const learns = isApart(n, load)
    if (learns) samples[n]++
    for (let row = 0; row < ROWS; row++) {
      const k = n * ROWS + row
      const value = row === 3 ? load.uncontrolledW : load.uncontrolledA[row]
      let besides = value
      for (const plant of above[n]) besides += givenIn(plant, row)
      net[k] = value
      drawn[k] = besides
      netSums[k] += value
      if (learns) drawnSums[k] += besides
    }
  }

  const forecast = (
    node: number,
    row: number,
    nowMs: number,
    atMs: number,
    quantile = 0.5,
  ): number => {
    const k = node * ROWS + row
    if (Number.isNaN(slot)) return net[k]
    const target = clock.slotAt(atMs)
    const part = Math.max(0, Math.min(1, (nowMs - slot * SLOT_MS) / SLOT_MS))
    const present = { slot, value: drawn[k], mean: drawnSums[k] / samples[node], part }
    const load = models[k].at(present, target, quantile)
    if (above[node].length === 0) return load
    const now = { slot, part, nowMs }
    let middle = models[k].at(present, target, 0.5)
    let square = (load - middle) ** 2
    for (const plant of above[node]) {
      const scale = row === 3 ? 1 : plant.ampsPerWatt[row]
      const likely = plants.forecast(plant, now, target, 0.5)
      middle -= likely * scale
      square += ((plants.forecast(plant, now, target, 1 - quantile) - likely) * scale) ** 2
    }
    return middle + Math.sign(quantile - 0.5) * Math.sqrt(square)
  }

  const noteForecasts = (nowMs: number): void =>
    recorder.note(slot, {
      node: (n, target, q) => forecast(n, 3, nowMs, target * SLOT_MS, q),
      plant: (p, target, q) => plants.forecast(plants.all[p], { slot, part: 0, nowMs }, target, q),
    })

  return {
    observe: (nowMs, loads) => {
      const current = clock.slotAt(nowMs)
      const isNew = current !== slot
      if (isNew) {
        if (ticks > 0) closeSlot(current)
        startSlot(current, nowMs)
      }
      plants.observe()
      for (let n = 0; n < loads.length; n++) take(n, loads[n])
      ticks++
      lastMs = nowMs
      if (isNew) noteForecasts(nowMs)
    },
    forecast,
    isBare: (node) => bare[node],
    accept: plants.accept,
    load: async (nowMs) => {
      const history = createBaseHistory(site, storage, SLOT_MS)
      const pasts: PlantPast[] = []
      for (const { load, model } of plants.all) {
        const past = await history.plant(load, nowMs)
        const { startSlot, values } = past.given
        values.forEach((watts, i) => model.learn(startSlot + i, watts))
        pasts.push(past)
      }
      for (const [n, node] of site.nodes.entries()) {
        const past = await history.node(node, nowMs)
        history.withoutPv(node, past, pasts).rows.forEach((values, row) => {
          values.forEach((value, i) => models[n * ROWS + row].learn(past.startSlot + i, value))
        })
        past.rows[3].forEach((watts, i) => recorder.remember(n, past.startSlot + i, watts))
      }
    },
  }
}

const givenIn = ({ givenA, givenW }: PvPlant, row: number): number =>
  row === 3 ? (givenW ?? 0) : givenA[row]

import { buildBands, type Bands } from './bands.ts'
import { peakKw } from './connection.ts'
import { costOf } from './cost.ts'
import { book, emptyLedger, room, roomBelowPeaks, type Ledger } from './ledger.ts'
import { emptySchedule, type Model, type Schedule } from './model.ts'

/**
 * The fallback planner: devices one after the other, dearest shortfall first and least laxity
 * (spare time) first among equals, each into its cheapest steps that still have room on every row
 * of its path; among equal prices the earliest. Always feasible, because nothing is placed
 * without room and nothing planned is feasible. Batteries only charge towards their target.
 *
 * Demand charges: the pass is repeated with the peaks held at a few levels; the cheapest wins.
 * O(passes * devices * T * depth).
 */
interface Job {
  readonly cls: number
  readonly from: number
  readonly to: number
  /** Entry of step `from` in `into`. */
  readonly at: number
  readonly into: Float64Array
  readonly full: number
  /** Upper limits per step of the window as a part of `full`; `null` = none. */
  readonly top: Float64Array | null
  readonly kWh: number
  readonly price: number
}

/** Number of steps the device could wait and still be served at full power. */
const laxity = ({ from, to, kWh, full }: Job): number => to - from - kWh / full

const jobsOf = ({ evs, batteries }: Model, schedule: Schedule): Job[] => {
  const jobs: Job[] = []
  for (let i = 0; i < evs.count; i++) {
    if (evs.to[i] === evs.from[i]) continue
    const common = {
      cls: evs.class[i],
      from: evs.from[i],
      at: evs.offset[i],
      into: schedule.ev,
      full: evs.full[i],
      top: evs.top.subarray(evs.topAt[i]),
    }
    const price = evs.price[i] + evs.minPrice[i]
    if (evs.minKWh[i] > 0) jobs.push({ ...common, to: evs.minBy[i], kWh: evs.minKWh[i], price })
    jobs.push({ ...common, to: evs.to[i], kWh: evs.needKWh[i], price: evs.price[i] })
  }
  for (let i = 0; i < batteries.count; i++) {
    const wanted = Math.min(batteries.targetKWh[i], batteries.highKWh[i]) - batteries.startKWh[i]
    if (wanted <= 0 || batteries.chargeFull[i] === 0) continue
    jobs.push({
      cls: batteries.class[i],
      from: batteries.from[i],
      to: batteries.to[i],
      at: batteries.offset[i],
      into: schedule.charge,
      full: batteries.chargeFull[i],
      top: null,
      kWh: wanted / batteries.gain[i],
      price: batteries.price[i] * batteries.gain[i],
    })
  }
  return jobs.sort((a, b) => b.price - a.price || laxity(a) - laxity(b))
}

/** A minimum that was placed before counts towards the whole need. */
const alreadyPlaced = ({ into, at, from, to }: Job): number => {
  let kWh = 0
  for (let k = at; k < at + to - from; k++) kWh += into[k]
  return kWh
}

const place = (
  model: Model,
  bands: Bands,
  levelsKw: Float64Array,
  ledger: Ledger,
  job: Job,
): void => {
  let missing = job.kWh - alreadyPlaced(job)
  for (let b = 0; b < bands.count && missing > 1e-12; b++) {
    if (bands.price[b] >= job.price) return
    const t = bands.step[b]
    if (t < job.from || t >= job.to) continue
    const entry = job.at + t - job.from
    const limit = job.top === null ? job.full : job.full * job.top[t - job.from]
    let kWh = Math.min(missing, limit - job.into[entry], bands.upTo[b] - ledger.total[t])
    if (kWh <= 1e-12) continue
    kWh = Math.min(kWh, room(model.network, ledger, job.cls, t))
    if (bands.imports[b] === 1) {
      kWh = Math.min(kWh, roomBelowPeaks(model.connection, ledger, levelsKw, t))
    }
    if (kWh <= 1e-12) continue
    job.into[entry] += kWh
    missing -= kWh
    book(model, ledger, job.cls, t, kWh)
  }
}

/** Where the peaks are held, from what is billed anyway (0) to what an unlimited pass reaches. */
const LEVELS = [0, 0.5, 0.25, 0.75]

interface Pass {
  readonly schedule: Schedule
  readonly ledger: Ledger
  readonly cost: number
}

const pass = (model: Model, bands: Bands, levelsKw: Float64Array): Pass => {
  const schedule = emptySchedule(model)
  const ledger = emptyLedger(model)
  for (const job of jobsOf(model, schedule)) place(model, bands, levelsKw, ledger, job)
  return { schedule, ledger, cost: costOf(model, schedule, ledger).total }
}

/**
 * A feasible schedule. `isLate` is asked between passes; the first pass always runs.
 */
export const greedySchedule = (
  model: Model,
  isLate: () => boolean = () => false,
): { schedule: Schedule; cost: number } => {
  const { connection } = model
  const bands = buildBands(connection)
  const nothing = new Float64Array(model.steps)
  const lowest = Float64Array.from(connection.peaks, (peak) =>
    Math.max(peak.billedKw, peakKw(connection, peak, nothing)),
  )
  let best = pass(model, bands, new Float64Array(lowest.length).fill(Infinity))
  const highest = connection.peaks.map((peak) => peakKw(connection, peak, best.ledger.total))
  if (lowest.every((level, k) => highest[k] <= level)) return best
  for (const part of LEVELS) {
    if (isLate()) break
    const levels = lowest.map((level, k) => level + part * Math.max(0, highest[k] - level))
    const next = pass(model, bands, levels)
    if (next.cost < best.cost) best = next
  }
  return best
}

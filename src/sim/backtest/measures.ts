import type { Bill } from './billing.ts'
import type { Replay } from './replay.ts'
import type { Case } from './stay.ts'

/** What a run came to, for people. */
export interface Measures {
  readonly sessions: number
  readonly neededKwh: number
  readonly deliveredKwh: number
  /** Delivered by needed, 0..1. */
  readonly served: number
  /** Sessions that lack at most 0.1 kWh, as a part of all. */
  readonly fullyServed: number
  /** Highest mean power of any quarter hour by the clock, and of any step. */
  readonly peakKw: number
  readonly stepPeakKw: number
  /** On/off changes per session that wanted energy: mean, and of the session with the most. */
  readonly changes: number
  readonly mostChanges: number
  /** Highest load by limit, and where; above 1 a fuse would have gone. */
  readonly fullest: number
  readonly fullestAt: string
  readonly hoursAboveLimit: number
}

const ENOUGH_WH = 100
const QUARTER_MS = 900_000

/** Highest mean over the quarter hours of the clock, watts. */
const quarterPeakW = ({ grid }: Case, powerW: Float64Array): number => {
  const stepMs = grid.stepS * 1000
  const perQuarter = Math.max(1, Math.round(QUARTER_MS / stepMs))
  let highest = 0
  for (let t = 0; t < powerW.length; t += perQuarter) {
    let sum = 0
    for (let k = t; k < t + perQuarter; k++) sum += powerW[k] ?? 0
    highest = Math.max(highest, sum / perQuarter)
  }
  return highest
}

const sum = (values: ArrayLike<number>): number => {
  let total = 0
  for (let k = 0; k < values.length; k++) total += values[k]
  return total
}

export const measure = (one: Case, run: Replay): Measures => {
  const { stays, grid } = one
  const neededWh = sum(stays.map(({ needWh }) => needWh))
  const full = stays.filter(({ needWh }, i) => needWh - run.deliveredWh[i] <= ENOUGH_WH).length
  const wanting = stays.filter(({ needWh }) => needWh > 0).length
  return {
    sessions: stays.length,
    neededKwh: neededWh / 1000,
    deliveredKwh: sum(run.deliveredWh) / 1000,
    served: neededWh > 0 ? sum(run.deliveredWh) / neededWh : 1,
    fullyServed: full / stays.length,
    peakKw: quarterPeakW(one, run.powerW) / 1000,
    stepPeakKw: run.powerW.reduce((highest, watts) => Math.max(highest, watts), 0) / 1000,
    changes: wanting > 0 ? sum(run.changes) / wanting : 0,
    mostChanges: run.changes.reduce((most, count) => Math.max(most, count), 0),
    fullest: run.fullest.ratio,
    fullestAt: run.fullest.row,
    hoursAboveLimit: (run.stepsAboveLimit * grid.stepS) / 3600,
  }
}

/** Money of a run. */
export interface Money {
  readonly bill: Bill
  /** What the delivered energy was sold for; 0 where nothing is. */
  readonly revenue: number
  readonly profit: number
}

export const moneyOf = (bill: Bill, deliveredKwh: number, revenuePerKwh: number): Money => ({
  bill,
  revenue: deliveredKwh * revenuePerKwh,
  profit: deliveredKwh * revenuePerKwh - bill.total,
})

import { importAt } from './connection.ts'
import { holdContent } from './content.ts'
import type { Model, Schedule } from './model.ts'

/**
 * Makes a nearly feasible schedule feasible by taking away, never by adding.
 *
 * A row that is exceeded scales down what adds to it (draw where its coefficient is positive,
 * feeding back where it is negative) by the part that is too much; a device takes the smallest
 * factor of its rows. Where all coefficients are positive one round settles it. Rows with helping
 * entries (phasors, imbalance, batteries that feed back) may need more rounds, because what helped
 * was scaled down too; the last round counts no help at all, and then nothing that is taken away
 * can do harm. Contents of storages are held after every round, again only by taking away. Soft
 * rows are left alone: their excess has a price.
 *
 * Nothing planned is within all hard rows, so this always ends feasible.
 * O(rounds * (entries + classes * rows * steps)).
 */
const ROUNDS = 30
/** Rows may be exceeded by this part of their limit: far below the promised 1e-6. */
const SLACK = 1e-8
/** Take away this much more than needed, because help is scaled down in the same round. */
const ZEAL = 1.3

export interface Repair {
  /** Changes `schedule` in place; imports are held below the peak levels (kW). */
  run(schedule: Schedule, levelsKw: Float64Array): void
}

interface Loads {
  /** kWh drawn and fed back per class and step. */
  readonly draw: Float64Array
  readonly feed: Float64Array
  /** Sum of what adds to each row, and of what helps it. */
  readonly adding: Float64Array
  readonly helping: Float64Array
  readonly total: Float64Array
  readonly drawTotal: Float64Array
}

const sumLoads = (model: Model, schedule: Schedule, loads: Loads): void => {
  const { evs, batteries, network, steps } = model
  const { draw, feed, adding, helping, total, drawTotal } = loads
  for (const values of [draw, feed, adding, helping, total, drawTotal]) values.fill(0)
  for (let i = 0; i < evs.count; i++) {
    const at = evs.class[i] * steps + evs.from[i] - evs.offset[i]
    for (let k = evs.offset[i]; k < evs.offset[i + 1]; k++) draw[at + k] += schedule.ev[k]
  }
  for (let i = 0; i < batteries.count; i++) {
    const at = batteries.class[i] * steps + batteries.from[i] - batteries.offset[i]
    for (let k = batteries.offset[i]; k < batteries.offset[i + 1]; k++) {
      draw[at + k] += schedule.charge[k]
      feed[at + k] += schedule.discharge[k]
    }
  }
  for (let c = 0; c < network.classes; c++) {
    const at = c * steps
    for (let t = 0; t < steps; t++) {
      drawTotal[t] += draw[at + t]
      total[t] += draw[at + t] - feed[at + t]
    }
    for (let j = network.start[c]; j < network.start[c + 1]; j++) {
      const row = network.block[j] * steps
      const k = network.coef[j]
      const [more, less] = k > 0 ? [draw, feed] : [feed, draw]
      const size = Math.abs(k)
      for (let t = 0; t < steps; t++) {
        adding[row + t] += size * more[at + t]
        helping[row + t] += size * less[at + t]
      }
    }
  }
}

/** Factor per row for what adds to it; true when some row is exceeded. */
const rowFactors = (
  { network }: Model,
  { adding, helping }: Loads,
  countHelp: boolean,
  factor: Float64Array,
): boolean => {
  let isExceeded = false
  for (let row = 0; row < factor.length; row++) {
    factor[row] = 1
    const help = countHelp ? helping[row] : 0
    const limit = network.rhs[row] + help
    const isHard = network.can[row] === 1 && network.top[row] === Infinity
    if (!isHard || adding[row] <= limit + SLACK * (1 + network.rhs[row])) continue
    isExceeded = true
    const excess = adding[row] - limit
    factor[row] = Math.max(0, 1 - (help > 0 ? ZEAL : 1) * (excess / adding[row]))
  }
  return isExceeded
}

/** Factor per step for everything that draws, so that no peak rises above its level. */
const peakFactors = (
  { connection, steps }: Model,
  { total, drawTotal }: Loads,
  levelsKw: Float64Array,
  factor: Float64Array,
): boolean => {
  let isExceeded = false
  factor.fill(1)
  connection.peaks.forEach(({ window, first, kwPerKWh }, k) => {
    const imported = new Float64Array(first.length)
    for (let t = 0; t < steps; t++) {
      if (window[t] >= 0) imported[window[t]] += importAt(connection, t, total[t])
    }
    for (let t = 0; t < steps; t++) {
      const w = window[t]
      const allowed = levelsKw[k] / kwPerKWh[w]
      if (w < 0 || imported[w] <= allowed * (1 + SLACK) + SLACK || drawTotal[t] === 0) continue
      const tooMuch = importAt(connection, t, total[t]) * (1 - allowed / imported[w])
      if (tooMuch === 0) continue
      isExceeded = true
      factor[t] = Math.min(factor[t], Math.max(0, 1 - tooMuch / drawTotal[t]))
    }
  })
  return isExceeded
}

/** Smallest factor of the rows that each class adds to, when drawing and when feeding back. */
const classFactors = (
  { network, steps }: Model,
  rowFactor: Float64Array,
  stepFactor: Float64Array,
  drawFactor: Float64Array,
  feedFactor: Float64Array,
): void => {
  feedFactor.fill(1)
  for (let c = 0; c < network.classes; c++) {
    const at = c * steps
    drawFactor.set(stepFactor, at)
    for (let j = network.start[c]; j < network.start[c + 1]; j++) {
      const row = network.block[j] * steps
      const factor = network.coef[j] > 0 ? drawFactor : feedFactor
      for (let t = 0; t < steps; t++) {
        if (rowFactor[row + t] < factor[at + t]) factor[at + t] = rowFactor[row + t]
      }
    }
  }
}

const applyFactors = (
  { evs, batteries, steps }: Model,
  schedule: Schedule,
  drawFactor: Float64Array,
  feedFactor: Float64Array,
): void => {
  for (let i = 0; i < evs.count; i++) {
    const at = evs.class[i] * steps + evs.from[i] - evs.offset[i]
    for (let k = evs.offset[i]; k < evs.offset[i + 1]; k++) schedule.ev[k] *= drawFactor[at + k]
  }
  for (let i = 0; i < batteries.count; i++) {
    const at = batteries.class[i] * steps + batteries.from[i] - batteries.offset[i]
    for (let k = batteries.offset[i]; k < batteries.offset[i + 1]; k++) {
      schedule.charge[k] *= drawFactor[at + k]
      schedule.discharge[k] *= feedFactor[at + k]
    }
  }
}

export const repairOf = (model: Model): Repair => {
  const { network, steps } = model
  const rows = network.blocks.length * steps
  const cells = network.classes * steps
  const loads: Loads = {
    draw: new Float64Array(cells),
    feed: new Float64Array(cells),
    adding: new Float64Array(rows),
    helping: new Float64Array(rows),
    total: new Float64Array(steps),
    drawTotal: new Float64Array(steps),
  }
  const rowFactor = new Float64Array(rows)
  const stepFactor = new Float64Array(steps)
  const drawFactor = new Float64Array(cells)
  const feedFactor = new Float64Array(cells)
  return {
    run: (schedule, levelsKw) => {
      for (let round = 1; round <= ROUNDS; round++) {
        sumLoads(model, schedule, loads)
        const isExceeded = rowFactors(model, loads, round < ROUNDS, rowFactor)
        const isPeak = peakFactors(model, loads, levelsKw, stepFactor)
        if (!isExceeded && !(isPeak && round === 1)) return
        classFactors(model, rowFactor, stepFactor, drawFactor, feedFactor)
        applyFactors(model, schedule, drawFactor, feedFactor)
        holdContent(model.batteries, schedule)
      }
    },
  }
}

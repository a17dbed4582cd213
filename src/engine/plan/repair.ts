import { holdContent } from './content.ts'
import type { EvTable } from './device-tables.ts'
import { peakFactors } from './repair-peaks.ts'
import type { Model, Schedule } from './model.ts'

/**
 * Makes a nearly feasible schedule feasible by taking away, never by adding.
 *
 * A row that is exceeded scales down what adds to it (draw where its coefficient is positive,
 * feeding back where it is negative) by the part that is too much; a device takes the smallest
 * factor of its rows. The first round takes only from vehicles that are neither off nor at full
 * power at the step: those are the indifferent ones, which lose nothing by charging elsewhere.
 * Where all coefficients are positive the next settles the rest. Rows with helping entries
 * (phasors, imbalance, batteries that feed back) may need more rounds, because what helped was
 * scaled down too; the last round counts no help at all, and then nothing that is taken away can
 * do harm. Contents of storages are held after every round, again only by taking away. Soft rows
 * are left alone: their excess has a price.
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

/** What a round may take from, per class and step, and what that adds to the rows. */
interface Loads {
  /** kWh drawn and fed back that may be taken away. */
  readonly draw: Float64Array
  readonly feed: Float64Array
  /** Net kWh of all. */
  readonly net: Float64Array
  /** What may be taken away from each row, and its load. */
  readonly adding: Float64Array
  readonly load: Float64Array
  readonly drawTotal: Float64Array
  readonly total: Float64Array
}

type Round = 'indifferent' | 'all' | 'without help'

/** Entry k of vehicle i is neither off nor at full power. */
const isIndifferent = (evs: EvTable, i: number, k: number, kWh: number): boolean =>
  kWh > 0 && kWh < evs.full[i] * evs.top[evs.topAt[i] + k - evs.offset[i]] * (1 - SLACK)

const sumDevices = (model: Model, schedule: Schedule, round: Round, loads: Loads): void => {
  const { evs, batteries, steps } = model
  const { draw, feed, net } = loads
  for (let i = 0; i < evs.count; i++) {
    const at = evs.class[i] * steps + evs.from[i] - evs.offset[i]
    for (let k = evs.offset[i]; k < evs.offset[i + 1]; k++) {
      const kWh = schedule.ev[k]
      net[at + k] += kWh
      if (round !== 'indifferent' || isIndifferent(evs, i, k, kWh)) draw[at + k] += kWh
    }
  }
  for (let i = 0; i < batteries.count; i++) {
    const at = batteries.class[i] * steps + batteries.from[i] - batteries.offset[i]
    for (let k = batteries.offset[i]; k < batteries.offset[i + 1]; k++) {
      net[at + k] += schedule.charge[k] - schedule.discharge[k]
      if (round === 'indifferent') continue
      draw[at + k] += schedule.charge[k]
      feed[at + k] += schedule.discharge[k]
    }
  }
}

const sumRows = ({ network, steps }: Model, loads: Loads): void => {
  const { draw, feed, net, adding, load, drawTotal, total } = loads
  for (let c = 0; c < network.classes; c++) {
    const at = c * steps
    for (let t = 0; t < steps; t++) {
      drawTotal[t] += draw[at + t]
      total[t] += net[at + t]
    }
    for (let j = network.start[c]; j < network.start[c + 1]; j++) {
      const row = network.block[j] * steps
      const k = network.coef[j]
      const more = k > 0 ? draw : feed
      for (let t = 0; t < steps; t++) {
        adding[row + t] += Math.abs(k) * more[at + t]
        load[row + t] += k * net[at + t]
      }
    }
  }
}

/** Factor per row for what adds to it; true when some hard row is exceeded. */
const rowFactors = (
  { network }: Model,
  { adding, load }: Loads,
  round: Round,
  factor: Float64Array,
): boolean => {
  const { rhs, can, top } = network
  let isExceeded = false
  for (let row = 0; row < factor.length; row++) {
    factor[row] = 1
    if (can[row] === 0 || top[row] < Infinity) continue
    const slack = SLACK * (1 + rhs[row])
    if (load[row] > rhs[row] + slack) isExceeded = true
    const excess = (round === 'without help' ? adding[row] : load[row]) - rhs[row]
    if (excess <= slack || adding[row] === 0) continue
    const hasHelp = adding[row] > load[row] * (1 + SLACK)
    const zeal = hasHelp && round === 'all' ? ZEAL : 1
    factor[row] = Math.max(0, 1 - (zeal * excess) / adding[row])
  }
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

const takeAway = (
  { evs, batteries, steps }: Model,
  schedule: Schedule,
  round: Round,
  drawFactor: Float64Array,
  feedFactor: Float64Array,
): void => {
  for (let i = 0; i < evs.count; i++) {
    const at = evs.class[i] * steps + evs.from[i] - evs.offset[i]
    for (let k = evs.offset[i]; k < evs.offset[i + 1]; k++) {
      if (drawFactor[at + k] === 1) continue
      if (round === 'indifferent' && !isIndifferent(evs, i, k, schedule.ev[k])) continue
      schedule.ev[k] *= drawFactor[at + k]
    }
  }
  if (round === 'indifferent') return
  for (let i = 0; i < batteries.count; i++) {
    const at = batteries.class[i] * steps + batteries.from[i] - batteries.offset[i]
    for (let k = batteries.offset[i]; k < batteries.offset[i + 1]; k++) {
      schedule.charge[k] *= drawFactor[at + k]
      schedule.discharge[k] *= feedFactor[at + k]
    }
  }
  holdContent(batteries, schedule)
}

const roundOf = (n: number): Round => {
  if (n === 1) return 'indifferent'
  return n < ROUNDS ? 'all' : 'without help'
}

export const repairOf = (model: Model): Repair => {
  const { network, steps } = model
  const rows = network.blocks.length * steps
  const cells = network.classes * steps
  const loads: Loads = {
    draw: new Float64Array(cells),
    feed: new Float64Array(cells),
    net: new Float64Array(cells),
    adding: new Float64Array(rows),
    load: new Float64Array(rows),
    drawTotal: new Float64Array(steps),
    total: new Float64Array(steps),
  }
  const rowFactor = new Float64Array(rows)
  const stepFactor = new Float64Array(steps)
  const drawFactor = new Float64Array(cells)
  const feedFactor = new Float64Array(cells)
  return {
    run: (schedule, levelsKw) => {
      for (let n = 1; n <= ROUNDS; n++) {
        const round = roundOf(n)
        for (const values of Object.values(loads) as Float64Array[]) values.fill(0)
        sumDevices(model, schedule, round, loads)
        sumRows(model, loads)
        const isExceeded = rowFactors(model, loads, round, rowFactor)
        const { total, drawTotal } = loads
        const isPeak = peakFactors(model.connection, total, drawTotal, levelsKw, stepFactor)
        // Peaks are a matter of money: after two rounds what is left of them is accepted.
        if (!isExceeded && !(isPeak && n <= 2)) return
        classFactors(model, rowFactor, stepFactor, drawFactor, feedFactor)
        takeAway(model, schedule, round, drawFactor, feedFactor)
      }
    },
  }
}

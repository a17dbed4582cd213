import { checkProblem } from './check.ts'
import { buildConnection, type Connection } from './connection.ts'
import { batteryTable, evTable, type BatteryTable, type EvTable } from './device-tables.ts'
import type { Wired } from './limit-rows.ts'
import { buildNetwork, type Network } from './network.ts'
import type { PlanProblem } from './problem.ts'

/**
 * The problem as the solvers read it: kWh per step, currency per kWh, typed arrays, devices
 * grouped into classes that see the same limits.
 */
export interface Model {
  readonly problem: PlanProblem
  readonly steps: number
  /** Length of a step in hours. */
  readonly hours: number
  readonly evs: EvTable
  readonly batteries: BatteryTable
  readonly network: Network
  readonly connection: Connection
  /** Price of a kWh above a limit that is already exceeded with nothing planned. */
  readonly overloadPrice: number
}

/** Energy per step of every device over its own window, kWh; offsets are those of the tables. */
export interface Schedule {
  readonly ev: Float64Array
  readonly charge: Float64Array
  readonly discharge: Float64Array
}

export const emptySchedule = (model: Model): Schedule => ({
  ev: new Float64Array(model.evs.size),
  charge: new Float64Array(model.batteries.size),
  discharge: new Float64Array(model.batteries.size),
})

/** Above every other price per kWh, so that relief of an overload comes first; 3 without prices. */
const overloadPriceOf = (problem: PlanProblem): number => {
  let highest = 0
  for (const price of problem.importPrice) highest = Math.max(highest, price)
  for (const { shortfallPrice, minimum } of problem.evs) {
    highest = Math.max(highest, shortfallPrice + (minimum?.price ?? 0))
  }
  for (const { shortfallPrice } of problem.batteries) highest = Math.max(highest, shortfallPrice)
  return 3 * (highest > 0 ? highest : 1)
}

interface Grouped {
  readonly wired: readonly Wired[]
  readonly evGroup: Int32Array
  readonly batteryGroup: Int32Array
}

/** Groups devices by node and wiring and adds up what each group can draw and feed back. */
const groupDevices = (problem: PlanProblem): Grouped => {
  const { steps, stepS } = problem
  const wired: Wired[] = []
  const known = new Map<string, number>()
  const groupOf = ({ node, line, wattsPerAmp }: Omit<Wired, 'draw' | 'feed' | 'canFeed'>) => {
    const key = [node, wattsPerAmp, ...line.re, ...line.im].join(' ')
    let group = known.get(key)
    if (group === undefined) {
      group = wired.length
      known.set(key, group)
      const draw = new Float64Array(steps)
      wired.push({ node, line, wattsPerAmp, draw, feed: new Float64Array(steps), canFeed: false })
    }
    return group
  }
  const kWhPerW = stepS / 3600 / 1000
  const evGroup = Int32Array.from(problem.evs, (ev) => {
    const group = groupOf(ev)
    const { draw } = wired[group]
    const full = ev.maxA * ev.wattsPerAmp * kWhPerW
    for (let t = ev.arrive; t < ev.depart; t++) draw[t] += full
    return group
  })
  const batteryGroup = Int32Array.from(problem.batteries, (battery) => {
    const group = groupOf(battery)
    const { draw, feed } = wired[group]
    if (battery.maxDischargeW > 0) wired[group].canFeed = true
    for (let t = battery.arrive; t < battery.depart; t++) {
      draw[t] += battery.maxChargeW * kWhPerW
      feed[t] += battery.maxDischargeW * kWhPerW
    }
    return group
  })
  return { wired, evGroup, batteryGroup }
}

/**
 * Compiles a problem. Throws `invariant-broken` when it is malformed.
 * O(devices * window + classes * depth * steps).
 */
export const compile = (problem: PlanProblem): Model => {
  checkProblem(problem)
  const { wired, evGroup, batteryGroup } = groupDevices(problem)
  const overloadPrice = overloadPriceOf(problem)
  const { network, classOf } = buildNetwork(problem, wired, overloadPrice)
  return {
    problem,
    steps: problem.steps,
    hours: problem.stepS / 3600,
    evs: evTable(
      problem,
      evGroup.map((group) => classOf[group]),
    ),
    batteries: batteryTable(
      problem,
      batteryGroup.map((group) => classOf[group]),
    ),
    network,
    connection: buildConnection(problem, wired),
    overloadPrice,
  }
}

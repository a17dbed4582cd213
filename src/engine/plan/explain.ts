import type { Bottleneck } from '../../domain/plan.ts'
import { PHASES } from '../../domain/phases.ts'
import type { PlanProblem, PlanSolution, RowPrice } from './problem.ts'

/**
 * The dual prices of a plan as sentences: which limit, when, at what price; and why a vehicle
 * does not get what it needs.
 */

const isUnder = ({ nodes }: PlanProblem, node: number, ancestor: number): boolean => {
  for (let n = node; n >= 0; n = nodes[n].parent) if (n === ancestor) return true
  return false
}

/** kWh that planned devices take through each node and step (`nodes * steps`). */
const energyThrough = (problem: PlanProblem, solution: PlanSolution): Float64Array => {
  const { steps, nodes, evs, batteries } = problem
  const energy = new Float64Array(nodes.length * steps)
  const kWhPerW = problem.stepS / 3_600_000
  const add = (node: number, watts: Float64Array): void => {
    for (let t = 0; t < steps; t++) energy[node * steps + t] += Math.abs(watts[t]) * kWhPerW
  }
  evs.forEach(({ node }, i) => add(node, solution.evW[i]))
  batteries.forEach(({ node }, i) => add(node, solution.batteryW[i]))
  for (let n = nodes.length - 1; n > 0; n--) {
    const parent = nodes[n].parent
    for (let t = 0; t < steps; t++) energy[parent * steps + t] += energy[n * steps + t]
  }
  return energy
}

const KINDS: Record<RowPrice['kind'], Bottleneck['kind']> = {
  phase: 'phase',
  imbalance: 'phase',
  power: 'power',
  export: 'power',
  peak: 'peak',
}

/** Prices of one limit at neighbouring steps. */
const runsOf = (prices: readonly RowPrice[]): RowPrice[][] => {
  const sorted = [...prices].sort(
    (a, b) => a.node - b.node || a.kind.localeCompare(b.kind) || a.line - b.line || a.step - b.step,
  )
  const runs: RowPrice[][] = []
  for (const price of sorted) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    const continues =
      last !== undefined &&
      last.node === price.node &&
      last.kind === price.kind &&
      last.line === price.line &&
      last.step + 1 === price.step
    if (continues) run!.push(price)
    else runs.push([price])
  }
  return runs
}

/**
 * What binds, the dearest first: neighbouring steps of one limit are one entry with their mean
 * price. Dear is the price times the energy that the plan takes through the node meanwhile.
 */
export const bottlenecksOf = (problem: PlanProblem, solution: PlanSolution): Bottleneck[] => {
  const { startMs, stepS, steps, nodes } = problem
  const energy = energyThrough(problem, solution)
  return runsOf(solution.prices)
    .map((run) => {
      const [{ node, kind, line }] = run
      const sum = run.reduce((total, { pricePerKwh }) => total + pricePerKwh, 0)
      const cost = run.reduce(
        (total, price) => total + price.pricePerKwh * energy[node * steps + price.step],
        0,
      )
      const bottleneck: Bottleneck = {
        nodeId: nodes[node].id,
        kind: KINDS[kind],
        phase: line >= 0 ? PHASES[line] : null,
        startMs: startMs + run[0].step * stepS * 1000,
        endMs: startMs + (run.at(-1)!.step + 1) * stepS * 1000,
        pricePerKwh: sum / run.length,
      }
      return { bottleneck, cost }
    })
    .sort((a, b) => b.cost - a.cost || a.bottleneck.startMs - b.bottleneck.startMs)
    .map(({ bottleneck }) => bottleneck)
}

export interface Wording {
  /** IANA time zone of the site. */
  readonly timeZone: string
  readonly currency: string
  /** How a node is called; its id when absent. */
  readonly nodeName?: (nodeId: string) => string
}

const clock = (ms: number, timeZone: string): string =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(ms)

/** "feeder B phase L2 between 17:15 and 18:00 costs 0.11 EUR/kWh" */
export const describeBottleneck = (bottleneck: Bottleneck, wording: Wording): string => {
  const { nodeId, kind, phase, startMs, endMs, pricePerKwh } = bottleneck
  const { timeZone, currency, nodeName = (id) => id } = wording
  const what: Record<Bottleneck['kind'], string> = {
    phase: phase === null ? 'current' : `phase ${phase}`,
    power: 'power limit',
    peak: 'demand charge',
    event: 'event limit',
  }
  const where = nodeId === null ? 'site' : nodeName(nodeId)
  const when = `between ${clock(startMs, timeZone)} and ${clock(endMs, timeZone)}`
  return `${where} ${what[kind]} ${when} costs ${pricePerKwh.toFixed(2)} ${currency}/kWh`
}

/** Less than this is not worth a reason. */
const TRIFLE_WH = 1

/** The most vehicle i could take in its stay, with and without the caps of events. */
const reachable = (problem: PlanProblem, i: number): { freeWh: number; cappedWh: number } => {
  const ev = problem.evs[i]
  const hours = problem.stepS / 3600
  let [freeWh, cappedWh] = [0, 0]
  for (let t = ev.arrive; t < ev.depart; t++) {
    const cap = ev.capA === null ? ev.maxA : Math.min(ev.maxA, ev.capA[t])
    freeWh += ev.maxA * ev.wattsPerAmp * hours
    cappedWh += (cap < ev.minA ? 0 : cap) * ev.wattsPerAmp * hours
  }
  return { freeWh, cappedWh }
}

const kWh = (wattHours: number): string => `${(wattHours / 1000).toFixed(1)} kWh`

/**
 * Why vehicle i does not get all it needs; `null` when it does. Looks, in this order, at its stay,
 * at events on it, at the limit on its path that is dearest in its stay, and at the price.
 */
export const unservedReason = (
  problem: PlanProblem,
  solution: PlanSolution,
  i: number,
  wording: Wording,
): string | null => {
  const ev = problem.evs[i]
  const missing = solution.unservedWh[i]
  if (missing <= TRIFLE_WH) return null
  const { freeWh, cappedWh } = reachable(problem, i)
  const lack = `${kWh(missing)} of ${kWh(ev.needWh)} do not fit`
  if (freeWh < ev.needWh - TRIFLE_WH) {
    return `${lack}: at ${ev.maxA} A the stay allows ${kWh(freeWh)}`
  }
  if (cappedWh < ev.needWh - TRIFLE_WH)
    return `${lack}: events on the charger leave ${kWh(cappedWh)}`
  const own = solution.prices.filter(
    ({ node, step, line }) =>
      step >= ev.arrive &&
      step < ev.depart &&
      isUnder(problem, ev.node, node) &&
      (line < 0 || Math.hypot(ev.line.re[line], ev.line.im[line]) > 1e-9),
  )
  const [dearest] = bottlenecksOf(problem, { ...solution, prices: own })
  if (dearest !== undefined) return `${lack}: ${describeBottleneck(dearest, wording)}`
  return `${lack}: a kWh costs more than the ${ev.shortfallPrice} ${wording.currency} it is worth`
}

import type { Bottleneck } from '../../domain/plan.ts'
import { PHASES } from '../../domain/phases.ts'
import type { PlanEv, PlanProblem, PlanSolution, RowPrice } from './problem.ts'

/**
 * The dual prices of a plan as sentences: which limit, and when; and why a vehicle does not get what
 * it needs. The prices themselves are on no bill, so no sentence names them.
 */

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

/** A bottleneck that is not in words yet. */
export type Binding = Omit<Bottleneck, 'text'>

const KINDS: Record<RowPrice['kind'], Bottleneck['kind']> = {
  phase: 'phase',
  imbalance: 'imbalance',
  power: 'power',
  export: 'power',
  peak: 'peak',
}

/** The price of a limit at a step, and the event that set the limit; `null` = its rating. */
interface Priced extends RowPrice {
  readonly eventId: string | null
}

/** Looks up whose cap it is. O(events) each; there are few. */
const pricedBy = ({ capEvents = [] }: PlanProblem, price: RowPrice): Priced => {
  const { kind, node, line, step } = price
  const isCap = kind === 'phase' || kind === 'power'
  const event = capEvents.find(
    (cap) => isCap && cap.node === node && cap.line === line && cap.from <= step && step < cap.to,
  )
  return { ...price, eventId: event?.eventId ?? null }
}

/** Prices of one limit, from one cause, at neighbouring steps. */
const runsOf = (prices: readonly Priced[]): Priced[][] => {
  const sorted = [...prices].sort(
    (a, b) => a.node - b.node || a.kind.localeCompare(b.kind) || a.line - b.line || a.step - b.step,
  )
  const runs: Priced[][] = []
  for (const price of sorted) {
    const run = runs.at(-1)
    const last = run?.at(-1)
    const continues =
      last !== undefined &&
      last.node === price.node &&
      last.kind === price.kind &&
      last.line === price.line &&
      last.eventId === price.eventId &&
      last.step + 1 === price.step
    if (continues) run!.push(price)
    else runs.push([price])
  }
  return runs
}

const priceOf = (run: readonly Priced[]): number =>
  run.reduce((total, { pricePerKwh }) => total + pricePerKwh, 0)

const asBottleneck = ({ startMs, stepS, nodes }: PlanProblem, run: readonly Priced[]): Binding => {
  const [{ node, kind, line, eventId }] = run
  return {
    nodeId: nodes[node].id,
    kind: eventId === null ? KINDS[kind] : 'event',
    phase: line >= 0 ? PHASES[line] : null,
    eventId,
    startMs: startMs + run[0].step * stepS * 1000,
    endMs: startMs + (run.at(-1)!.step + 1) * stepS * 1000,
    pricePerKwh: priceOf(run) / run.length,
  }
}

/**
 * What binds, the dearest first: neighbouring steps of one limit are one entry with their mean
 * price. Dear is the price times the energy that the plan takes through the node meanwhile.
 */
export const bottlenecksOf = (problem: PlanProblem, solution: PlanSolution): Binding[] => {
  const { steps } = problem
  const energy = energyThrough(problem, solution)
  return runsOf(solution.prices.map((price) => pricedBy(problem, price)))
    .map((run) => ({
      bottleneck: asBottleneck(problem, run),
      cost: run.reduce(
        (total, { pricePerKwh, node, step }) => total + pricePerKwh * energy[node * steps + step],
        0,
      ),
    }))
    .sort((a, b) => b.cost - a.cost || a.bottleneck.startMs - b.bottleneck.startMs)
    .map(({ bottleneck }) => bottleneck)
}

/** How things and times are called at a site. */
export interface Wording {
  readonly nodeName: (nodeId: string) => string
  /** `17:15` today, `Tue 17:15` on another day, in the site's zone. */
  readonly time: (atMs: number) => string
}

/**
 * @param timeZone IANA
 * @param todayMs an instant of the day whose times need no weekday
 */
export const createWording = (
  timeZone: string,
  nodeName: (nodeId: string) => string,
  todayMs: number,
): Wording => {
  const format = (options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
    new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...options })
  const day = format({ dateStyle: 'short' })
  const clock = format({ hour: '2-digit', minute: '2-digit' })
  const weekday = format({ weekday: 'short', hour: '2-digit', minute: '2-digit' })
  const today = day.format(todayMs)
  const time = (atMs: number): string =>
    (day.format(atMs) === today ? clock : weekday).format(atMs).replace(',', '')
  return { nodeName, time }
}

/** "feeder B L2 is the bottleneck from 17:15 to 18:00" */
export const describeBottleneck = (bottleneck: Binding, wording: Wording): string => {
  const { nodeId, kind, phase, eventId, startMs, endMs } = bottleneck
  const { nodeName, time } = wording
  const line = phase === null ? '' : ` ${phase}`
  const where = `${nodeId === null ? 'the site' : nodeName(nodeId)}${line}`
  const when = `from ${time(startMs)} to ${time(endMs)}`
  switch (kind) {
    case 'phase':
      return `${where} is the bottleneck ${when}`
    case 'power':
      return `the power limit of ${where} is the bottleneck ${when}`
    case 'peak':
      return `the demand charge is the bottleneck ${when}: more power would raise it`
    case 'event':
      return `event ${eventId ?? 'unknown'} limits ${where} ${when}`
    case 'imbalance':
      return `the imbalance limit of ${where} is the bottleneck ${when}`
  }
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

const amps = (value: number): string => String(Math.round(value * 10) / 10)

const tenths = (wattHours: number): string => (wattHours / 1000).toFixed(1)

const kWh = (wattHours: number): string => `${tenths(wattHours)} kWh`

/** The limits on the way of vehicle i that cost something during its stay, dearest first. */
const ownLimits = (
  problem: PlanProblem,
  { node, line, arrive, depart }: PlanEv,
  pricesAt: ReadonlyMap<number, readonly RowPrice[]>,
): Priced[][] => {
  const own: Priced[] = []
  for (let n = node; n >= 0; n = problem.nodes[n].parent) {
    for (const price of pricesAt.get(n) ?? []) {
      const isThen = price.step >= arrive && price.step < depart
      const isIts = price.line < 0 || Math.hypot(line.re[price.line], line.im[price.line]) > 1e-9
      if (isThen && isIts) own.push(pricedBy(problem, price))
    }
  }
  return runsOf(own).sort((a, b) => priceOf(b) - priceOf(a))
}

/** A vehicle that gets so much of what its stay or its events allow is held by nothing else. */
const ALL_OF_IT = 0.95

/**
 * For each vehicle why it does not get all it needs; `null` when it does. Its stay or the events on
 * its charger are named where it gets what they allow; else the limit on its path that is dearest in
 * its stay (by the dual prices), or the price. O(prices) once, then O(depth * steps) per vehicle.
 */
export const unservedReasons = (
  problem: PlanProblem,
  solution: PlanSolution,
  wording: Wording,
): ((i: number) => string | null) => {
  const pricesAt = Map.groupBy(solution.prices, ({ node }) => node)
  const peaks = solution.prices.filter(({ kind }) => kind === 'peak')
  return (i) => {
    const ev = problem.evs[i]
    const missing = solution.unservedWh[i]
    if (missing <= TRIFLE_WH) return null
    const { freeWh, cappedWh } = reachable(problem, i)
    const gotWh = ev.needWh - missing
    const lack = `${tenths(missing)} of ${kWh(ev.needWh)} cannot be delivered in time`
    if (freeWh < ev.needWh - TRIFLE_WH && gotWh >= ALL_OF_IT * freeWh) {
      return `${lack}: the stay is too short, ${amps(ev.maxA)} A until departure is ${kWh(freeWh)}`
    }
    if (cappedWh < ev.needWh - TRIFLE_WH && gotWh >= ALL_OF_IT * cappedWh) {
      return `${lack}: events on the charger leave ${kWh(cappedWh)}`
    }
    const [dearest] = ownLimits(problem, ev, pricesAt)
    if (dearest !== undefined) {
      return `${lack}: ${describeBottleneck(asBottleneck(problem, dearest), wording)}`
    }
    if (solution.method === 'greedy') return `${lack}: the simple planner found no room for it`
    if (peaks.some(({ step }) => step >= ev.arrive && step < ev.depart)) {
      return `${lack}: more power would raise the demand charge`
    }
    return `${lack}: energy costs more than the plan may spend on it`
  }
}

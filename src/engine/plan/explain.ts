import type { Bottleneck } from '../../domain/plan.ts'
import { PHASES } from '../../domain/phases.ts'
import type { PlanEv, PlanProblem, PlanSolution, RowPrice } from './problem.ts'

/**
 * The dual prices of a plan as sentences: which limit, when, at what price; and why a vehicle
 * does not get what it needs.
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
  readonly currency: string
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
  currency: string,
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
  return { currency, nodeName, time }
}

/** Prices that round to nothing keep two figures. */
const priceText = (price: number): string =>
  price >= 0.01 ? price.toFixed(2) : String(Number(price.toPrecision(2)))

/** "feeder B phase L2 between 17:15 and 18:00 costs 0.11 EUR/kWh" */
export const describeBottleneck = (bottleneck: Binding, wording: Wording): string => {
  const { nodeId, kind, phase, eventId, startMs, endMs, pricePerKwh } = bottleneck
  const { currency, nodeName, time } = wording
  const line = phase === null ? '' : ` phase ${phase}`
  const what: Record<Bottleneck['kind'], string> = {
    phase: line === '' ? ' current' : line,
    power: ' power limit',
    peak: ' demand charge',
    event: `${line} limit of event ${eventId ?? 'unknown'}`,
    imbalance: ` imbalance of${line}`,
  }
  const where = nodeId === null ? 'site' : nodeName(nodeId)
  const when = `between ${time(startMs)} and ${time(endMs)}`
  return `${where}${what[kind]} ${when} costs ${priceText(pricePerKwh)} ${currency}/kWh`
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

const kWh = (wattHours: number): string => `${(wattHours / 1000).toFixed(1)} kWh`

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

/**
 * For each vehicle why it does not get all it needs; `null` when it does. Looks, in this order, at
 * its stay, at events on it, at the limit on its path that is dearest in its stay, and at the price.
 * O(prices) once, then O(depth * steps) per vehicle.
 */
export const unservedReasons = (
  problem: PlanProblem,
  solution: PlanSolution,
  wording: Wording,
): ((i: number) => string | null) => {
  const pricesAt = Map.groupBy(solution.prices, ({ node }) => node)
  return (i) => {
    const ev = problem.evs[i]
    const missing = solution.unservedWh[i]
    if (missing <= TRIFLE_WH) return null
    const { freeWh, cappedWh } = reachable(problem, i)
    const lack = `${kWh(missing)} of ${kWh(ev.needWh)} do not fit`
    if (freeWh < ev.needWh - TRIFLE_WH) {
      return `${lack}: at ${amps(ev.maxA)} A the stay allows ${kWh(freeWh)}`
    }
    if (cappedWh < ev.needWh - TRIFLE_WH) {
      return `${lack}: events on the charger leave ${kWh(cappedWh)}`
    }
    const [dearest] = ownLimits(problem, ev, pricesAt)
    if (dearest !== undefined) {
      return `${lack}: ${describeBottleneck(asBottleneck(problem, dearest), wording)}`
    }
    if (solution.method === 'greedy') return `${lack}: the simple planner found no room for it`
    const worth = `${priceText(ev.shortfallPrice)} ${wording.currency}`
    return `${lack}: a kWh costs more than the ${worth} it is worth`
  }
}

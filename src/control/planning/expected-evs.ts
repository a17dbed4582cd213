import { lineCurrent, wattsPerAmp, type Supply, type Wiring } from '../../domain/wiring.ts'
import type { PlanEv } from '../../engine/plan/problem.ts'
import type { Topology } from '../../engine/topology.ts'
import type { PlanContext } from './plan-context.ts'

/** Keys of EVSEs have a slash; those of vehicles that are only expected have this before the hour. */
const EXPECTED = 'expected:'

/** Is this device of a plan the vehicles that are expected in an hour, rather than one that is there? */
export const isExpected = (key: string): boolean => key.startsWith(EXPECTED)

/**
 * A reservation gives way to everybody of usual priority, but is worth more than a cheap hour: this
 * part of what is missing costs for a vehicle that is there.
 */
const EXPECTED_PART = 0.25
/** Nobody knows on which phases they will be: evenly on all. */
const WIRING = {
  'three-phase': 'L1L2L3',
  'split-phase': 'L1L2',
  'single-phase': 'L1',
} as const satisfies Record<Supply['kind'], Wiring>
/** Less is not worth a device in the plan. */
const LEAST_WH = 1_000
const HOUR_MS = 3_600_000

/**
 * Vehicles that are likely to come within the horizon, as one reservation per hour: the expected
 * number times the mean energy, during the median stay. So the vehicles that are there are not
 * put off into hours that will be full. At most as many as there are EVSEs free by then.
 */
export const expectedEvs = (
  context: PlanContext,
  present: readonly PlanEv[],
  nowMs: number,
  startMs: number,
  steps: number,
  shortfallPrice: number,
): PlanEv[] => {
  const { sessions, settings, topology, view } = context
  const { supply, evses } = view.site
  if (evses.length === 0) return []
  const stepMs = settings.stepS * 1000
  const endMs = startMs + steps * stepMs
  const wiring = WIRING[supply.kind]
  const perAmp = wattsPerAmp(wiring, supply)
  const powerEachW =
    topology.watts.reduce((sum, watts, e) => sum + watts * evses[e].maxA, 0) / evses.length
  const node = commonNode(topology)
  const departures = present.map(({ depart }) => startMs + depart * stepMs)
  const taken = context.states.filter(({ session }) => session !== null).length
  const found: PlanEv[] = []
  const coming: { readonly count: number; readonly leaveMs: number }[] = []

  for (let hourMs = Math.floor(nowMs / HOUR_MS) * HOUR_MS; hourMs < endMs; hourMs += HOUR_MS) {
    const arriveMs = Math.max(nowMs, hourMs + HOUR_MS / 2)
    const left = departures.filter((atMs) => atMs <= arriveMs).length
    const others = coming.reduce((n, { count, leaveMs }) => n + (leaveMs > arriveMs ? count : 0), 0)
    const free = evses.length - taken + left - others
    const wanted = sessions.arrivals.expected(nowMs, hourMs, Math.min(hourMs + HOUR_MS, endMs))
    const count = Math.min(wanted, Math.max(0, free))
    if (!(count > 0)) continue
    const pool = sessions.newcomer(arriveMs)
    const stayMs = pool.stayMs(0.5, 0)
    coming.push({ count, leaveMs: arriveMs + stayMs })
    // What can be charged after the horizon need not be charged within it.
    const part = Math.min(1, (endMs - arriveMs) / stayMs)
    const needWh = count * pool.meanEnergyWh * part
    const arrive = Math.floor((arriveMs - startMs) / stepMs)
    if (needWh < LEAST_WH || arrive >= steps) continue
    found.push({
      id: `${EXPECTED}${hourMs}`,
      key: `${EXPECTED}${hourMs}`,
      node,
      line: lineCurrent(wiring, supply),
      wattsPerAmp: perAmp,
      minA: 0,
      maxA: (count * powerEachW) / perAmp,
      arrive,
      depart: Math.min(
        steps,
        Math.max(arrive + 1, Math.ceil((arriveMs + stayMs - startMs) / stepMs)),
      ),
      needWh,
      shortfallPrice: EXPECTED_PART * shortfallPrice,
      minimum: null,
      capA: null,
    })
  }
  return found
}

/** The lowest node that has all EVSEs below it. */
const commonNode = ({ evseNode, evseCount, parent }: Topology): number => {
  const below = new Map<number, number>()
  for (let e = 0; e < evseCount; e++) {
    for (let n = evseNode[e]; n >= 0; n = parent[n]) below.set(n, (below.get(n) ?? 0) + 1)
  }
  // Parents come before children: the last that has all is the lowest.
  return Math.max(...[...below].filter(([, count]) => count === evseCount).map(([n]) => n))
}

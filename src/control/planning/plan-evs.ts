import type { EvseState } from '../../domain/evse-state.ts'
import type { Session } from '../../domain/session.ts'
import type { PlanEv } from '../../engine/plan/problem.ts'
import { isIdle } from '../asks.ts'
import type { EventCaps } from '../event-caps.ts'
import type { EvseControl } from '../evse-control.ts'
import { countsAsOne } from '../phase-control.ts'
import { drawsNothing, minimumA } from '../vehicle.ts'
import type { PlanContext } from './plan-context.ts'
import { DEFAULT_QUANTILES, type PlanQuantiles } from './plan-quantiles.ts'
import type { SessionForecast } from './session-forecast.ts'

/**
 * What is missing at the early departure costs this part of that: more than hours differ in price,
 * less than it would cost if it stayed missing.
 */
const EARLY_PART = 0.5
/** A car that was charged all that is likely and still draws gets this much more. */
const EXTRA_WH = 5_000

/** The vehicles that are there and can be steered. */
export const planEvs = (
  context: PlanContext,
  caps: readonly EventCaps[],
  nowMs: number,
  startMs: number,
  steps: number,
  basePrice: number,
): PlanEv[] => {
  const { topology, states, controls, asks, settings } = context
  const stepMs = settings.stepS * 1000
  const quantiles = settings.quantiles ?? DEFAULT_QUANTILES
  const stepOf = (atMs: number): number =>
    Math.min(steps, Math.max(1, Math.ceil((Math.max(atMs, nowMs + stepMs) - startMs) / stepMs)))

  const shares = new Map([...new Set(caps)].map((cap) => [cap, setShares(context, cap)]))
  /** What events leave an EVSE in each step; beside them its rating. */
  const capOf = ({ index, evse: { key, maxA }, phases }: EvseControl): Float64Array | null => {
    const limits = new Map(
      [...shares].map(([cap, shareA]) => {
        const alone = cap.evseLimit(key, countsAsOne(phases))?.limitA ?? Infinity
        return [cap, Math.min(alone, shareA.get(index) ?? Infinity)]
      }),
    )
    if ([...limits.values()].every((limitA) => limitA === Infinity)) return null
    return Float64Array.from(caps, (cap) => Math.min(maxA, limits.get(cap)!))
  }

  return controls.flatMap((control, e): PlanEv[] => {
    const session = steerable(states[e], asks.reservedA[e])
    const { evse } = control
    const externalA = states[e].externalLimit?.limitA ?? Infinity
    const minA = minimumA(control)
    // A full or sleeping vehicle would hold what others could use.
    if (session === null || externalA < minA || drawsNothing(control)) return []
    const { re, im, watts } = asks.draws
    const outlook = outlookOf(session, context.sessions, nowMs, quantiles)
    const shortfallPrice = basePrice * 2 ** Math.max(-3, Math.min(5, session.priority))
    const depart = stepOf(outlook.departMs)
    const by = stepOf(outlook.earlyMs)
    return [
      {
        id: session.id,
        key: evse.key,
        node: topology.evseNode[e],
        line: {
          re: [re[e * 3], re[e * 3 + 1], re[e * 3 + 2]],
          im: [im[e * 3], im[e * 3 + 1], im[e * 3 + 2]],
        },
        wattsPerAmp: watts[e],
        minA,
        maxA: Math.min(maxOf(control), externalA),
        arrive: 0,
        depart,
        needWh: outlook.needWh,
        shortfallPrice,
        minimum:
          by < depart && outlook.earlyWh > 0
            ? { needWh: outlook.earlyWh, by, price: shortfallPrice * EARLY_PART }
            : null,
        capA: capOf(control),
      },
    ]
  })
}

/**
 * What a step's limits of sets that are no node come to for each of their vehicles on average,
 * amperes by EVSE: in proportion to what they can draw. In the step itself the control loop decides
 * who has how much, in turns if need be; plans have rows for nodes only.
 */
const setShares = (
  { states, asks }: PlanContext,
  { controllable }: EventCaps,
): ReadonlyMap<number, number> => {
  const shareA = new Map<number, number>()
  for (const { set, limitW } of controllable) {
    if (set.nodeId !== null) continue
    const present = set.members.filter((e) => !isIdle(states[e]))
    const planned = present.filter((e) => steerable(states[e], asks.reservedA[e]) !== null)
    const watts = (e: number, amps: number): number => amps * asks.draws.watts[e]
    const reservedW = present.reduce((sum, e) => sum + watts(e, asks.reservedA[e]), 0)
    const wantedW = planned.reduce((sum, e) => sum + watts(e, states[e].evse.maxA), 0)
    const part = Math.max(0, limitW - reservedW) / wantedW
    for (const e of planned) {
      shareA.set(e, Math.min(shareA.get(e) ?? Infinity, states[e].evse.maxA * part))
    }
  }
  return shareA
}

/** The session at an EVSE, if a plan for it could be carried out and is wanted. */
const steerable = ({ session }: EvseState, reservedA: number): Session | null => {
  if (session === null || session.transactionId === null || reservedA > 0) return null
  const { need, energyWh } = session
  const isMet = need.energyWh !== null && need.source !== 'default' && energyWh >= need.energyWh
  return isMet ? null : session
}

const maxOf = ({ evse, demand }: EvseControl): number => Math.min(evse.maxA, demand.wantA)

interface Outlook {
  readonly departMs: number
  /** Wh still wanted. */
  readonly needWh: number
  readonly earlyMs: number
  /** Part of it that should be there by `earlyMs`. */
  readonly earlyWh: number
}

/**
 * What a driver said is kept: the plan has it ready by then. What history says of such words makes
 * the plan earlier where need be, never later. Where nobody said anything, history speaks alone.
 */
const outlookOf = (
  session: Session,
  forecast: SessionForecast,
  nowMs: number,
  quantiles: PlanQuantiles,
): Outlook => {
  const { need, energyWh } = session
  const isSaid = need.source !== 'default'
  const departMs =
    isSaid && need.departureMs !== null
      ? need.departureMs
      : forecast.departureMs(session, nowMs, quantiles.depart)
  const mostWh =
    isSaid && need.energyWh !== null
      ? need.energyWh
      : forecast.energyWh(session, nowMs, quantiles.energyMost)
  const likelyWh = Math.min(mostWh, forecast.energyWh(session, nowMs, quantiles.energy))
  const leftWh = mostWh - energyWh
  return {
    departMs,
    needWh: leftWh > 0 ? leftWh : EXTRA_WH,
    earlyMs: Math.min(departMs, forecast.departureMs(session, nowMs, quantiles.departEarly)),
    earlyWh: Math.max(0, likelyWh - energyWh),
  }
}

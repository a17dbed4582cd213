import { onlinePeak } from '../../engine/plan/demand-peak.ts'
import type { PlanPeak, PlanProblem, PlanSetpoint } from '../../engine/plan/problem.ts'
import type { Segment } from '../../engine/timeline/segment.ts'
import { capsOf, type EventCaps } from '../event-caps.ts'
import type { PlanContext, PlanSettings, PlanSteps } from './plan-context.ts'
import { expectedEvs } from './expected-evs.ts'
import { planEvs } from './plan-evs.ts'
import { planNodes, sumsBelow } from './plan-nodes.ts'
import { energyPrices } from './plan-prices.ts'

/** The planning problem of this moment. Steps are aligned to the clock; the first one holds now. */
export const buildProblem = (context: PlanContext, nowMs: number): PlanProblem => {
  const plan = planSteps(context, nowMs)
  const { startMs, stepS, steps, caps, middleMs } = plan
  const offsetMs = context.offsetMs(startMs)
  const { importPrice, exportPrice, carbonPrice } = energyPrices(context, plan)
  const peaks = context.demand.map((charge) =>
    onlinePeak(charge, { startMs, stepS, steps, offsetMs }),
  )
  const shortfallPrice = shortfallPriceOf(context.settings, importPrice, peaks)
  const baseW = Float64Array.from({ length: steps }, (_, t) =>
    context.base.forecast(0, 3, nowMs, middleMs(t)),
  )
  const present = planEvs(context, caps, nowMs, startMs, steps, shortfallPrice)
  const expected = expectedEvs(context, present, nowMs, startMs, steps, shortfallPrice)
  const { nodes, capEvents } = planNodes(context, plan)
  return {
    startMs,
    stepS,
    steps,
    nodes,
    evs: [...present, ...expected],
    batteries: [],
    importPrice,
    exportPrice,
    baseW,
    peaks,
    setpoint: planSetpoint(context, plan, baseW, shortfallPrice),
    imbalance: planImbalance(context, plan),
    capEvents,
    ...(carbonPrice && { carbonPrice }),
  }
}

const planSteps = (context: PlanContext, nowMs: number): PlanSteps => {
  const { timeline, view } = context
  const { stepS, horizonS } = context.settings
  const stepMs = stepS * 1000
  const localMs = nowMs + context.offsetMs(nowMs)
  const startMs = nowMs - (localMs % stepMs)
  const steps = Math.ceil(horizonS / stepS)
  const middleMs = (t: number): number => Math.max(nowMs, startMs + (t + 0.5) * stepMs)
  const segments = Array.from({ length: steps }, (_, t) =>
    timeline.at(t === 0 ? nowMs : middleMs(t)),
  )
  // Most steps are within the same few segments.
  const known = new Map<Segment, EventCaps>()
  const caps = segments.map((segment) => {
    const before = known.get(segment) ?? capsOf(segment, view)
    known.set(segment, before)
    return before
  })
  return { nowMs, startMs, stepS, steps, segments, caps, middleMs }
}

/** What a missing kWh costs by default: so many times the dearest hour. */
const SHORTFALL_FACTOR = 8
/** Where energy costs nothing, any price above that will do. */
const SHORTFALL_WITHOUT_PRICES = 2

/**
 * Above any price of energy or demand, in any currency: what can be served should be. A kWh drawn
 * within an hour raises a peak by at most 1 kW.
 */
export const shortfallPriceOf = (
  { shortfallPrice }: Pick<PlanSettings, 'shortfallPrice'>,
  importPrice: Float64Array,
  peaks: readonly PlanPeak[],
): number => {
  if (shortfallPrice !== undefined) return shortfallPrice
  const dearest = importPrice.reduce((most, price) => Math.max(most, price), 0)
  const perKw = peaks.reduce((sum, { pricePerKw }) => sum + Math.max(0, pricePerKw), 0)
  return Math.max(SHORTFALL_FACTOR * dearest, perKw) || SHORTFALL_WITHOUT_PRICES
}

/** What deviations from a setpoint cost, as a part of what is missing at departure. */
const SETPOINT_PART = 0.5

/**
 * The power that an event asks all vehicles of the site to follow, in the steps in which one does.
 * Of a setpoint for the whole connection, what the base load leaves.
 */
const planSetpoint = (
  { topology, asks, settings }: PlanContext,
  { steps, segments }: PlanSteps,
  baseW: Float64Array,
  shortfallPrice: number,
): PlanSetpoint | null => {
  const reservedW = sumsBelow(topology, asks, asks.reservedA).watts[0]
  const powerW = new Float64Array(steps)
  const mask = new Uint8Array(steps)
  segments.forEach(({ targets }, t) => {
    const target = targets.find(({ aim, set }) => aim === 'follow' && set.keys === null)
    if (target === undefined) return
    const othersW = target.scope === 'connection' ? baseW[t] + reservedW : reservedW
    powerW[t] = Math.max(0, target.powerW - othersW)
    mask[t] = 1
  })
  const pricePerKwh = settings.setpointPrice ?? SETPOINT_PART * shortfallPrice
  return mask.includes(1) ? { powerW, pricePerKwh, mask } : null
}

const planImbalance = (
  { topology, view, asks, base }: PlanContext,
  { steps, nowMs, middleMs }: PlanSteps,
): PlanProblem['imbalance'] => {
  const { imbalanceLimitA, nodes, supply } = view.site
  if (imbalanceLimitA === undefined || supply.kind !== 'three-phase') return null
  const reserved = sumsBelow(topology, asks, asks.reservedA)
  return {
    limitA: imbalanceLimitA * (1 - nodes[0].margin),
    baseA: [0, 1, 2].map((line) =>
      Float64Array.from(
        { length: steps },
        (_, t) => base.forecast(0, line, nowMs, middleMs(t)) + reserved.lineA[line],
      ),
    ),
  }
}

import type { EvseState } from '../../domain/evse-state.ts'
import type { DemandCharge } from '../../domain/price.ts'
import type { PlanNode, PlanPeak, PlanProblem } from '../../engine/plan/problem.ts'
import type { Timeline } from '../../engine/timeline.ts'
import type { GridView } from '../../engine/timeline/grid-view.ts'
import type { Topology } from '../../engine/topology.ts'
import type { Asks } from '../asks.ts'
import { capsOf, type EventCaps } from '../event-caps.ts'
import type { EvseControl } from '../evse-control.ts'
import type { BaseLoad } from './base-load.ts'
import { expectedEvs } from './expected-evs.ts'
import { planEvs } from './plan-evs.ts'
import { DEFAULT_QUANTILES, type PlanQuantiles } from './plan-quantiles.ts'
import type { Prices } from './prices.ts'
import type { SessionForecast } from './session-forecast.ts'

export interface PlanSettings {
  readonly stepS: number
  readonly horizonS: number
  /** Assumed where nobody said: energy of a session and its stay. */
  readonly defaultEnergyWh: number
  readonly defaultStayMs: number
  /** How careful the plan is; see plan-quantiles.ts for the defaults and their reasons. */
  readonly quantiles?: PlanQuantiles
}

export interface PlanContext {
  readonly topology: Topology
  readonly view: GridView
  readonly states: readonly EvseState[]
  readonly controls: readonly EvseControl[]
  readonly asks: Asks
  readonly timeline: Timeline
  readonly prices: Prices
  readonly base: BaseLoad
  readonly sessions: SessionForecast
  readonly demand: readonly DemandCharge[]
  readonly settings: PlanSettings
  /** Local time less UTC, to align windows and steps to the clock. */
  readonly offsetMs: (atMs: number) => number
}

/** The planning problem of this moment. Steps are aligned to the clock; the first one holds now. */
export const buildProblem = (context: PlanContext, nowMs: number): PlanProblem => {
  const { stepS, horizonS } = context.settings
  const stepMs = stepS * 1000
  const localMs = nowMs + context.offsetMs(nowMs)
  const startMs = nowMs - (localMs % stepMs)
  const steps = Math.ceil(horizonS / stepS)
  const caps = capsPerStep(context, nowMs, startMs, steps)
  const importPrice = context.prices.curve('import', startMs, stepS, steps)
  const exportPrice = context.prices.curve('export', startMs, stepS, steps)
  overlayPrices(context.timeline, importPrice, exportPrice, startMs, stepMs)
  const baseW = Float64Array.from({ length: steps }, (_, t) =>
    context.base.forecast(0, 3, nowMs, middleOf(t, startMs, stepMs, nowMs)),
  )
  const present = planEvs(context, caps, nowMs, startMs, steps)
  const expected = expectedEvs(context, present, nowMs, startMs, steps)
  return {
    startMs,
    stepS,
    steps,
    nodes: planNodes(context, caps, nowMs, startMs, steps),
    evs: [...present, ...expected],
    batteries: [],
    importPrice,
    exportPrice,
    baseW,
    peaks: context.demand.map((charge) => planPeak(charge, startMs, steps, context)),
    setpoint: null,
    imbalance: null,
  }
}

/** A forecast for a step is asked for its middle; for the running step, for what is left of it. */
const middleOf = (t: number, startMs: number, stepMs: number, nowMs: number): number =>
  Math.max(nowMs, startMs + (t + 0.5) * stepMs)

/** The caps of the timeline at the middle of each step; the first step: now. */
const capsPerStep = (
  context: PlanContext,
  nowMs: number,
  startMs: number,
  steps: number,
): EventCaps[] => {
  const stepMs = context.settings.stepS * 1000
  let segment = context.timeline.at(nowMs)
  let caps = capsOf(segment, context.view, context.states)
  return Array.from({ length: steps }, (_, t) => {
    const next = context.timeline.at(t === 0 ? nowMs : startMs + (t + 0.5) * stepMs)
    if (next !== segment) {
      segment = next
      caps = capsOf(segment, context.view, context.states)
    }
    return caps
  })
}

const overlayPrices = (
  timeline: Timeline,
  importPrice: Float64Array,
  exportPrice: Float64Array,
  startMs: number,
  stepMs: number,
): void => {
  for (let t = 0; t < importPrice.length; t++) {
    const segment = timeline.at(startMs + (t + 0.5) * stepMs)
    if (segment.price) importPrice[t] = segment.price.value
    if (segment.exportPrice) exportPrice[t] = segment.exportPrice.value
  }
}

const planNodes = (
  context: PlanContext,
  caps: readonly EventCaps[],
  nowMs: number,
  startMs: number,
  steps: number,
): PlanNode[] => {
  const { topology, view, asks, base } = context
  const stepMs = context.settings.stepS * 1000
  const reserved = reservations(topology, asks)
  const { limits } = context.settings.quantiles ?? DEFAULT_QUANTILES
  return view.site.nodes.map((node, n) => {
    // What a limit leaves is planned with more base load than is likely: a plan must fit.
    const baseOf = (row: number, t: number): number =>
      base.forecast(n, row, nowMs, middleOf(t, startMs, stepMs, nowMs), limits)
    const usable = 1 - node.margin
    const series = (f: (t: number) => number): Float64Array =>
      Float64Array.from({ length: steps }, (_, t) => f(t))
    const line = (k: 0 | 1 | 2): Float64Array =>
      series((t) => {
        const limitA = node.limitA ? node.limitA[k] * usable : Infinity
        const through = caps[t].through
          .filter((cap) => cap.nodeId === node.id)
          .reduce((least, cap) => Math.min(least, cap.limitA[k]), limitA)
        if (through === Infinity) return Infinity
        const freeA = through - baseOf(k, t)
        return Math.max(0, freeA - reserved.lineA[n * 3 + k])
      })
    const power = series((t) => {
      const baseW = baseOf(3, t)
      let freeW = node.limitW === null ? Infinity : node.limitW * usable - baseW - reserved.watts[n]
      for (const cap of caps[t].through) {
        if (cap.nodeId === node.id) freeW = Math.min(freeW, cap.limitW - baseW)
      }
      for (const cap of caps[t].controllable) {
        if (cap.nodeId === node.id) freeW = Math.min(freeW, cap.limitW)
      }
      return Math.max(0, freeW)
    })
    const lines = [line(0), line(1), line(2)] as const
    return {
      id: node.id,
      parent: topology.parent[n],
      capA: lines.every(isOpen) ? null : [bounded(lines[0]), bounded(lines[1]), bounded(lines[2])],
      capW: isOpen(power) ? null : bounded(power),
      exportCapW: null,
    }
  })
}

/** The planner wants numbers: far above anything that flows, in amperes and in watts. */
const NO_LIMIT = 1e9

const isOpen = (caps: Float64Array): boolean => caps.every((cap) => cap === Infinity)

/** Caps of which only some steps are limited. */
const bounded = (caps: Float64Array): Float64Array => caps.map((cap) => Math.min(cap, NO_LIMIT))

/** What EVSEs that are not planned are counted with, per node. */
const reservations = (
  topology: Topology,
  asks: Asks,
): { lineA: Float64Array; watts: Float64Array } => {
  const lineA = new Float64Array(topology.nodeCount * 3)
  const watts = new Float64Array(topology.nodeCount)
  for (let e = 0; e < topology.evseCount; e++) {
    const amps = asks.reservedA[e]
    for (let n = topology.evseNode[e]; n >= 0; n = topology.parent[n]) {
      for (let k = 0; k < 3; k++) {
        const { re, im } = asks.draws
        lineA[n * 3 + k] += amps * Math.hypot(re[e * 3 + k], im[e * 3 + k])
      }
      watts[n] += amps * asks.draws.watts[e]
    }
  }
  return { lineA, watts }
}

const planPeak = (
  charge: DemandCharge,
  startMs: number,
  steps: number,
  context: PlanContext,
): PlanPeak => {
  const stepMs = context.settings.stepS * 1000
  const windowSteps = Math.max(1, Math.round(charge.windowS / context.settings.stepS))
  const localSteps = Math.round((startMs + context.offsetMs(startMs)) / stepMs)
  return {
    pricePerKw: charge.pricePerKw,
    billedW: charge.billedW,
    windowSteps,
    offset: (windowSteps - (localSteps % windowSteps)) % windowSteps,
    mask: Uint8Array.from({ length: steps }, (_, t) => {
      const atMs = startMs + t * stepMs
      if (atMs >= charge.periodEndMs) return 0
      if (!charge.counts) return 1
      return charge.counts.some((span) => span.startMs <= atMs && atMs < span.endMs) ? 1 : 0
    }),
  }
}

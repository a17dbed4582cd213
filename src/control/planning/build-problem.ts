import type { EvseState } from '../../domain/evse-state.ts'
import type { DemandCharge } from '../../domain/price.ts'
import type { PlanEv, PlanNode, PlanPeak, PlanProblem } from '../../engine/plan/problem.ts'
import type { Timeline } from '../../engine/timeline.ts'
import type { GridView } from '../../engine/timeline/grid-view.ts'
import type { Topology } from '../../engine/topology.ts'
import type { Asks } from '../asks.ts'
import { capsOf, type EventCaps } from '../event-caps.ts'
import type { EvseControl } from '../evse-control.ts'
import type { BaseLoad } from './base-load.ts'
import type { Prices } from './prices.ts'

export interface PlanSettings {
  readonly stepS: number
  readonly horizonS: number
  /** Assumed where nobody said: energy of a session and its stay. */
  readonly defaultEnergyWh: number
  readonly defaultStayMs: number
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
  readonly demand: readonly DemandCharge[]
  readonly settings: PlanSettings
  /** Local time less UTC, to align windows and steps to the clock. */
  readonly offsetMs: (atMs: number) => number
}

/** Price of a kWh that is not delivered: far above any tariff, and twice that per priority. */
const SHORTFALL_PRICE = 2
/** A car that was charged its assumed need and still draws gets this much more. */
const EXTRA_WH = 5_000

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
    context.base.forecast(0, 3, nowMs, startMs + t * stepMs),
  )
  return {
    startMs,
    stepS,
    steps,
    nodes: planNodes(context, caps, nowMs, startMs, steps),
    evs: planEvs(context, caps, nowMs, startMs, steps),
    batteries: [],
    importPrice,
    exportPrice,
    baseW,
    peaks: context.demand.map((charge) => planPeak(charge, startMs, steps, context)),
    setpoint: null,
    imbalance: null,
  }
}

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
  return view.site.nodes.map((node, n) => {
    const atOf = (t: number): number => Math.max(nowMs, startMs + t * stepMs)
    const usable = 1 - node.margin
    const series = (f: (t: number) => number): Float64Array =>
      Float64Array.from({ length: steps }, (_, t) => f(t))
    const line = (k: 0 | 1 | 2): Float64Array =>
      series((t) => {
        const limitA = node.limitA ? node.limitA[k] * usable : Infinity
        const through = caps[t].through
          .filter((cap) => cap.nodeId === node.id)
          .reduce((least, cap) => Math.min(least, cap.limitA[k]), limitA)
        const freeA = through - base.forecast(n, k, nowMs, atOf(t))
        return Math.max(0, freeA - reserved.lineA[n * 3 + k])
      })
    const power = series((t) => {
      const baseW = base.forecast(n, 3, nowMs, atOf(t))
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
      capA: lines.every((caps) => caps.every((cap) => cap === Infinity)) ? null : lines,
      capW: power.every((cap) => cap === Infinity) ? null : power,
      exportCapW: null,
    }
  })
}

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

const planEvs = (
  context: PlanContext,
  caps: readonly EventCaps[],
  nowMs: number,
  startMs: number,
  steps: number,
): PlanEv[] => {
  const { topology, states, controls, asks, settings } = context
  const stepMs = settings.stepS * 1000
  return controls.flatMap((control, e): PlanEv[] => {
    const { session } = states[e]
    if (session === null || session.transactionId === null || asks.reservedA[e] > 0) return []
    const { need } = session
    const leftWh = (need.energyWh ?? settings.defaultEnergyWh) - session.energyWh
    const toldMet = need.energyWh !== null && need.source !== 'default' && leftWh <= 0
    if (toldMet) return []
    const departureMs = Math.max(
      need.departureMs ?? session.connectedAtMs + settings.defaultStayMs,
      nowMs + stepMs,
    )
    const { evse } = control
    const { re, im, watts } = asks.draws
    const limits = caps.map((cap) => cap.evseLimit(evse.key)?.limitA ?? Infinity)
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
        minA: evse.minA,
        maxA: Math.min(evse.maxA, control.demand.wantA),
        arrive: 0,
        depart: Math.min(steps, Math.max(1, Math.ceil((departureMs - startMs) / stepMs))),
        needWh: leftWh > 0 ? leftWh : EXTRA_WH,
        shortfallPrice: SHORTFALL_PRICE * 2 ** Math.max(-3, Math.min(5, session.priority)),
        minimum: null,
        capA: limits.every((amps) => amps === Infinity) ? null : Float64Array.from(limits),
      },
    ]
  })
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

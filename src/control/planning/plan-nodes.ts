import type { Node } from '../../domain/site.ts'
import type { CapEvent, PlanNode } from '../../engine/plan/problem.ts'
import type { Topology } from '../../engine/topology.ts'
import type { Asks } from '../asks.ts'
import type { SetCap, ThroughCap } from '../event-caps.ts'
import type { PlanContext, PlanSteps } from './plan-context.ts'
import { DEFAULT_QUANTILES } from './plan-quantiles.ts'

/** The tree with what planned devices may draw per step, and which of it events say. */
export interface PlanTree {
  readonly nodes: PlanNode[]
  readonly capEvents: CapEvent[]
}

/** Row of a node's base load that is its power; 0 to 2 are the lines. */
const POWER = 3
/** In `CapEvent.line`. */
const POWER_LINE = -1

/** A cap, and the event that set it; `null` = the node's own limit. */
interface Cap {
  readonly value: number
  readonly eventId: string | null
}

/** Limit less margin, base load and what is reserved for EVSEs that are not planned. */
export const planNodes = (context: PlanContext, plan: PlanSteps): PlanTree => {
  const { topology, view, asks, base, transformers } = context
  const { startMs, stepS, steps, middleMs, caps, nowMs } = plan
  const reserved = sumsBelow(topology, asks, asks.reservedA)
  const full = sumsBelow(topology, asks, fullAmps(context))
  const { limits } = context.settings.quantiles ?? DEFAULT_QUANTILES
  const capEvents: CapEvent[] = []

  const touched = touchedNodes(plan)
  const hasExportLimits = [...new Set(plan.segments)].some(({ connection, nodes, controllable }) =>
    [connection, ...nodes, controllable].some(({ exportW }) => exportW !== null),
  )
  const nothing = new Float64Array(steps)

  /** What limits are planned with: more base load than is likely, since a plan must fit. */
  const baseOf = (n: number, row: number): Float64Array =>
    base.isBare(n)
      ? nothing
      : Float64Array.from({ length: steps }, (_, t) =>
          base.forecast(n, row, nowMs, middleMs(t), limits),
        )

  /** The node's own limit per step, and what events make of it. */
  const capped = (
    n: number,
    line: number,
    own: (t: number) => number,
    events: (t: number) => Cap[],
  ): Float64Array => {
    if (!touched.has(topology.nodeIds[n])) {
      return Float64Array.from({ length: steps }, (_, t) => Math.max(0, own(t)))
    }
    const found = Array.from({ length: steps }, (_, t) => lowest(own(t), events(t)))
    capEvents.push(...eventRuns(n, line, found))
    return Float64Array.from(found, ({ value }) => value)
  }

  const linesOf = (node: Node, n: number): PlanNode['capA'] => {
    if (node.limitA === null && !node.transformer && !touched.has(node.id)) return null
    const usable = 1 - node.margin
    const baseA = [0, 1, 2].map((line) => baseOf(n, line))
    const thermalA = node.transformer
      ? transformers.permittedA(n, {
          startMs,
          stepS,
          leastA: largestOf(baseA),
          mostA: largestOf(baseA.map((amps, k) => amps.map((a) => a + full.lineA[n * 3 + k]))),
        })
      : null
    const line = (k: 0 | 1 | 2): Float64Array => {
      const spentA = baseA[k].map((amps) => amps + reserved.lineA[n * 3 + k])
      const ratedA = node.limitA?.[k] ?? Infinity
      return capped(
        n,
        k,
        (t) => Math.min(ratedA, thermalA?.[t] ?? Infinity) * usable - spentA[t],
        (t) => throughCaps(caps[t].through, node, (cap) => cap.limitA[k] - spentA[t]),
      )
    }
    const lines = [line(0), line(1), line(2)] as const
    return lines.every(isOpen) ? null : [bounded(lines[0]), bounded(lines[1]), bounded(lines[2])]
  }

  const powerOf = (node: Node, n: number): Float64Array | null => {
    if (node.limitW === null && !touched.has(node.id)) return null
    const baseW = baseOf(n, POWER)
    const ownW =
      node.limitW === null ? Infinity : node.limitW * (1 - node.margin) - reserved.watts[n]
    const power = capped(
      n,
      POWER_LINE,
      (t) => ownW - baseW[t],
      (t) => [
        ...throughCaps(caps[t].through, node, (cap) => cap.limitW - baseW[t]),
        ...setCaps(caps[t].controllable, node),
      ],
    )
    return isOpen(power) ? null : bounded(power)
  }

  const nodes = view.site.nodes.map((node, n): PlanNode => ({
    id: node.id,
    parent: topology.parent[n],
    capW: powerOf(node, n),
    capA: linesOf(node, n),
    exportCapW: hasExportLimits ? exportCap(context, plan, n) : null,
  }))
  return { nodes, capEvents }
}

/** Nodes of which an event says something in any step. */
const touchedNodes = ({ caps }: PlanSteps): Set<string> =>
  new Set(
    [...new Set(caps)].flatMap(({ through, controllable }) => [
      ...through.map(({ nodeId }) => nodeId),
      ...controllable.flatMap(({ set }) => set.nodeId ?? []),
    ]),
  )

const throughCaps = (
  caps: readonly ThroughCap[],
  { id }: Node,
  value: (cap: ThroughCap) => number,
): Cap[] =>
  caps.flatMap((cap) => (cap.nodeId === id ? [{ value: value(cap), eventId: cap.eventId }] : []))

const setCaps = (caps: readonly SetCap[], { id }: Node): Cap[] =>
  caps.flatMap(({ set, limitW, eventId }) =>
    set.nodeId === id ? [{ value: limitW, eventId }] : [],
  )

/** Nothing is planned where a limit leaves less than nothing. */
const lowest = (own: number, events: readonly Cap[]): Cap => {
  let least: Cap = { value: own, eventId: null }
  for (const cap of events) if (cap.value < least.value) least = cap
  return { ...least, value: Math.max(0, least.value) }
}

/** Neighbouring steps with the cap of one event are one entry. */
const eventRuns = (node: number, line: number, caps: readonly Cap[]): CapEvent[] => {
  const runs: { node: number; line: number; from: number; to: number; eventId: string }[] = []
  caps.forEach(({ eventId }, t) => {
    if (eventId === null) return
    const last = runs.at(-1)
    if (last?.to === t && last.eventId === eventId) last.to = t + 1
    else runs.push({ node, line, from: t, to: t + 1, eventId })
  })
  return runs
}

/**
 * What events let a node feed back, less what its base load feeds back already. Vehicles only draw;
 * it binds nothing before there is something that can discharge.
 */
const exportCap = (context: PlanContext, plan: PlanSteps, n: number): Float64Array | null => {
  const { topology, base } = context
  const { steps, segments, middleMs, nowMs } = plan
  const id = topology.nodeIds[n]
  const cap = Float64Array.from({ length: steps }, (_, t) => {
    const { connection, nodes, controllable } = segments[t]
    const limits = connection.nodeId === id ? connection : nodes.find(({ nodeId }) => nodeId === id)
    const through = limits?.exportW
    const ofAll = n === 0 ? (controllable.exportW?.value ?? Infinity) : Infinity
    if (!through) return ofAll
    return Math.min(ofAll, through.value + base.forecast(n, POWER, nowMs, middleMs(t)))
  })
  return isOpen(cap) ? null : bounded(cap.map((watts) => Math.max(0, watts)))
}

/** The planner wants numbers: far above anything that flows, in amperes and in watts. */
const NO_LIMIT = 1e9

const isOpen = (caps: Float64Array): boolean => caps.every((cap) => cap === Infinity)

/** Caps of which only some steps are limited. */
const bounded = (caps: Float64Array): Float64Array => caps.map((cap) => Math.min(cap, NO_LIMIT))

const largestOf = (lines: readonly Float64Array[]): Float64Array =>
  lines[0].map((_, t) => Math.max(...lines.map((amps) => amps[t])))

const fullAmps = ({ view }: PlanContext): Float64Array =>
  Float64Array.from(view.site.evses, ({ maxA }) => maxA)

export interface SumsBelow {
  /** Index `node * 3 + line`. */
  readonly lineA: Float64Array
  readonly watts: Float64Array
}

/** What these currents of the EVSEs add up to at each node, whatever their phase angles. */
export const sumsBelow = (topology: Topology, { draws }: Asks, amps: Float64Array): SumsBelow => {
  const lineA = new Float64Array(topology.nodeCount * 3)
  const watts = new Float64Array(topology.nodeCount)
  for (let e = 0; e < topology.evseCount; e++) {
    for (let n = topology.evseNode[e]; n >= 0; n = topology.parent[n]) {
      for (let k = 0; k < 3; k++) {
        lineA[n * 3 + k] += amps[e] * Math.hypot(draws.re[e * 3 + k], draws.im[e * 3 + k])
      }
      watts[n] += amps[e] * draws.watts[e]
    }
  }
  return { lineA, watts }
}

import type { EvseState } from '../domain/evse-state.ts'
import type { Site } from '../domain/site.ts'
import type { LimitSegment } from '../engine/schedule.ts'
import type { Timeline } from '../engine/timeline.ts'
import type { GridView } from '../engine/timeline/grid-view.ts'
import type { Topology } from '../engine/topology.ts'
import type { Asks } from './asks.ts'
import type { EvseControl } from './evse-control.ts'
import { capsOf, type Drawn, type EventCaps } from './event-caps.ts'
import type { NodeLoad } from './node-loads.ts'
import { countsAsOne } from './phase-control.ts'
import type { ControlRules } from './rules.ts'

/** What events will demand from an instant on. */
export interface ComingCaps {
  readonly atMs: number
  readonly caps: EventCaps
}

/** The changes of the timeline that fall into the life of a profile. */
export const comingCaps = (
  timeline: Timeline,
  view: GridView,
  states: readonly EvseState[],
  drawn: Drawn,
  nowMs: number,
  rules: ControlRules,
): ComingCaps[] => {
  const coming: ComingCaps[] = []
  for (const segment of timeline.segments()) {
    const { startMs } = segment
    if (startMs >= nowMs + rules.restrictiveValidityMs) break
    if (startMs > nowMs) coming.push({ atMs: startMs, caps: capsOf(segment, view, states, drawn) })
  }
  return coming
}

/** What a tick knows, for all the profiles that follow from it. */
export interface Outlook {
  readonly nowMs: number
  readonly coming: readonly ComingCaps[]
  readonly grantA: Float64Array
  readonly loads: readonly NodeLoad[]
}

/** Limits of one EVSE from now on: at first `limitA`, until the profile ends at `untilMs`. */
export type Foresee = (evse: number, limitA: number, untilMs: number) => LimitSegment[]

/**
 * What a profile should say beyond this instant. Where an event will demand less before the profile
 * expires, the profile carries the decrease itself, in proportion, so that the limit is kept even if
 * nothing more is heard from us. It never carries an increase.
 */
export const createForesight = (
  site: Site,
  topology: Topology,
  asks: Asks,
  controls: readonly EvseControl[],
) => {
  const indexOf = new Map(topology.nodeIds.map((id, index) => [id, index]))
  /** Granted power below each node, watts; NaN = not added up in this tick. */
  const grantedW = new Float64Array(topology.nodeCount)

  const grantedBelow = (node: number, grantA: Float64Array): number => {
    if (!Number.isNaN(grantedW[node])) return grantedW[node]
    let watts = 0
    for (let k = topology.first[node]; k < topology.last[node]; k++) {
      const evse = topology.order[k]
      watts += (grantA[evse] + asks.reservedA[evse]) * asks.draws.watts[evse]
    }
    grantedW[node] = watts
    return watts
  }

  const isBelow = (evse: number, ancestor: number): boolean => {
    for (let node = topology.evseNode[evse]; node >= 0; node = topology.parent[node]) {
      if (node === ancestor) return true
    }
    return false
  }

  const limitAt = (
    evse: number,
    limitA: number,
    caps: EventCaps,
    { grantA, loads }: Outlook,
  ): number => {
    let share = 1
    const apply = (node: number, capW: number): void => {
      const nowW = grantedBelow(node, grantA)
      if (nowW > capW) share = capW > 0 ? Math.min(share, capW / nowW) : 0
    }
    for (const cap of caps.controllable) {
      const node = indexOf.get(cap.nodeId)
      if (node !== undefined && isBelow(evse, node)) apply(node, cap.limitW)
    }
    for (const cap of caps.through) {
      const node = indexOf.get(cap.nodeId)
      if (node !== undefined && isBelow(evse, node)) {
        apply(node, cap.limitW - loads[node].uncontrolledW)
      }
    }
    const own = caps.evseLimit(site.evses[evse].key, countsAsOne(controls[evse].phases))
    return Math.min(limitA * share, own?.limitA ?? Infinity)
  }

  return (outlook: Outlook): Foresee => {
    grantedW.fill(Number.NaN)
    return (evse, limitA, untilMs) => {
      const segments: LimitSegment[] = []
      let startMs = outlook.nowMs
      let amps = limitA
      for (const { atMs, caps } of outlook.coming) {
        if (atMs <= startMs || atMs >= untilMs) continue
        segments.push({ startMs, endMs: atMs, limitA: amps })
        startMs = atMs
        amps = Math.min(amps, limitAt(evse, limitA, caps, outlook))
      }
      segments.push({ startMs, endMs: untilMs, limitA: amps })
      return segments
    }
  }
}

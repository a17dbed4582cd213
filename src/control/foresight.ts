import type { EvseState } from '../domain/evse-state.ts'
import type { Site } from '../domain/site.ts'
import type { LimitSegment } from '../engine/schedule.ts'
import type { Timeline } from '../engine/timeline.ts'
import { inSet, type GridView } from '../engine/timeline/grid-view.ts'
import type { Topology } from '../engine/topology.ts'
import { isIdle, type Asks } from './asks.ts'
import type { EvseControl } from './evse-control.ts'
import { capsOf, type EventCaps } from './event-caps.ts'
import type { NodeLoad } from './node-loads.ts'
import { countsAsOne } from './phase-control.ts'
import type { ControlRules } from './rules.ts'
import { zoneId } from './zones.ts'

/** What events will demand from an instant on. */
export interface ComingCaps {
  readonly atMs: number
  readonly caps: EventCaps
}

/** The changes of the timeline that fall into the life of a profile. */
export const comingCaps = (
  timeline: Timeline,
  view: GridView,
  nowMs: number,
  rules: ControlRules,
): ComingCaps[] => {
  const coming: ComingCaps[] = []
  for (const segment of timeline.segments()) {
    const { startMs } = segment
    if (startMs >= nowMs + rules.restrictiveValidityMs) break
    if (startMs > nowMs) coming.push({ atMs: startMs, caps: capsOf(segment, view) })
  }
  return coming
}

/** What a tick knows, for all the profiles that follow from it. */
export interface Outlook {
  readonly nowMs: number
  readonly states: readonly EvseState[]
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
  /** Granted power of the EVSEs below a node or in a set, watts, as far as it was asked in this tick. */
  const grantedW = new Map<string, number>()

  const grantedTo = (id: string, members: Iterable<number>, outlook: Outlook): number => {
    let watts = grantedW.get(id)
    if (watts === undefined) {
      watts = 0
      for (const e of members) {
        if (isIdle(outlook.states[e])) continue
        watts += (outlook.grantA[e] + asks.reservedA[e]) * asks.draws.watts[e]
      }
      grantedW.set(id, watts)
    }
    return watts
  }

  const isBelow = (evse: number, ancestor: number): boolean => {
    for (let node = topology.evseNode[evse]; node >= 0; node = topology.parent[node]) {
      if (node === ancestor) return true
    }
    return false
  }

  const limitAt = (evse: number, limitA: number, caps: EventCaps, outlook: Outlook): number => {
    let share = 1
    const apply = (nowW: number, capW: number): void => {
      if (nowW > capW) share = capW > 0 ? Math.min(share, capW / nowW) : 0
    }
    for (const { set, limitW } of caps.controllable) {
      if (inSet(set, site.evses[evse].key))
        apply(grantedTo(zoneId(set), set.members, outlook), limitW)
    }
    for (const { nodeId, limitW } of caps.through) {
      const node = topology.nodeIds.indexOf(nodeId)
      if (node < 0 || !isBelow(evse, node)) continue
      const nowW = grantedTo(nodeId, topology.members[node], outlook)
      apply(nowW, limitW - outlook.loads[node].uncontrolledW)
    }
    const own = caps.evseLimit(site.evses[evse].key, countsAsOne(controls[evse].phases))
    return Math.min(limitA * share, own?.limitA ?? Infinity)
  }

  return (outlook: Outlook): Foresee => {
    grantedW.clear()
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

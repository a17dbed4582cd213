import type { Evse } from '../../domain/site.ts'
import { wattsPerAmp } from '../../domain/wiring.ts'
import { inSet, type GridView, type TargetSet } from './grid-view.ts'
import type { Origin } from './piece.ts'

/** A value and the event that set it. Zero is a value; that nothing is said is `null`. */
export interface Bound extends Origin {
  readonly value: number
}

export type PerLineBound = readonly [Bound | null, Bound | null, Bound | null]

/** What may flow through a node, everything below it included. */
export interface NodeLimits {
  readonly nodeId: string
  readonly importW: Bound | null
  readonly exportW: Bound | null
  /** Amperes in each line. */
  readonly importA: PerLineBound
  readonly exportA: PerLineBound
}

/** What the EVSEs of a set may draw and feed back together, watts. */
export interface GroupLimits {
  readonly set: TargetSet
  readonly importW: Bound | null
  readonly exportW: Bound | null
}

/** What each EVSE of a set may draw; see `evseLimitA`. */
export interface EvseRule extends Bound {
  readonly set: TargetSet
  readonly unit: 'A' | 'W' | 'fraction'
}

/** Where the power should be; soft, already inside the limits of its own scope. */
export interface PowerTarget extends Origin {
  readonly scope: 'connection' | 'controllable'
  readonly set: TargetSet
  /** `follow`: as near as the limits allow; `ceiling`: not above. */
  readonly aim: 'follow' | 'ceiling'
  readonly powerW: number
  /** Before the limits were applied. */
  readonly requestedW: number
}

export interface Overlay extends Bound {
  /** ISO 4217; `null` for carbon. */
  readonly currency: string | null
}

/** All that events say over one stretch of time in which nothing changes. */
export interface Segment {
  readonly startMs: number
  readonly endMs: number
  /** The grid connection. */
  readonly connection: NodeLimits
  /** Other nodes that events limit. */
  readonly nodes: readonly NodeLimits[]
  /** All that we steer. */
  readonly controllable: GroupLimits
  /** Parts of it. */
  readonly groups: readonly GroupLimits[]
  readonly evseRules: readonly EvseRule[]
  readonly targets: readonly PowerTarget[]
  readonly price: Overlay | null
  readonly exportPrice: Overlay | null
  readonly carbon: Overlay | null
  /** State of charge to reach, 0..1, for the vehicles of a set. */
  readonly socTargets: readonly (Bound & { readonly set: TargetSet })[]
  readonly alerts: readonly Origin[]
}

/**
 * The limit of one EVSE, amperes per conductor: the lowest of the rules that cover it.
 * `onOnePhase`: it charges on one of its three phases now, so that watts are more amperes. O(rules).
 */
export const evseLimitA = (
  segment: Segment,
  evse: Evse,
  view: GridView,
  onOnePhase = false,
): Bound | null => {
  const perAmpW = onOnePhase
    ? view.site.supply.voltageV
    : wattsPerAmp(evse.wiring, view.site.supply)
  let lowest: Bound | null = null
  for (const rule of segment.evseRules) {
    if (!inSet(rule.set, evse.key)) continue
    const value = ruleAmps(rule, evse, view, perAmpW)
    if (lowest === null || value < lowest.value) {
      lowest = { authority: rule.authority, eventId: rule.eventId, value }
    }
  }
  return lowest
}

const ruleAmps = (rule: EvseRule, evse: Evse, view: GridView, perAmpW: number): number => {
  switch (rule.unit) {
    case 'A':
      return rule.value
    case 'W':
      return rule.value / perAmpW
    case 'fraction':
      return rule.value * (view.evseRatingW(evse) / perAmpW)
  }
}

import type { EvseState } from '../domain/evse-state.ts'
import { PHASES } from '../domain/phases.ts'
import type { Draws } from '../engine/rows.ts'
import type { GridView } from '../engine/timeline/grid-view.ts'
import { inSet } from '../engine/timeline/grid-view.ts'
import {
  evseLimitA,
  type GroupLimits,
  type NodeLimits,
  type Segment,
} from '../engine/timeline/segment.ts'

/** What grid events demand of a site at one instant; absent means that no event says anything. */
export interface EventCaps {
  /** Caps on what the EVSEs below a node draw together; the grid connection for the whole site. */
  readonly controllable: readonly NodeCap[]
  /** Caps on everything that flows through a node, uncontrolled loads included. */
  readonly through: readonly ThroughCap[]
  /** An event asks for a power: it is followed upwards too, whatever the plan would rather do. */
  readonly follow: boolean
  /** Whether an event still limits anything. */
  active(eventId: string): boolean
  /** Cap of one EVSE, amperes per conductor; `onOnePhase`: of its three it uses one now. */
  evseLimit(
    key: string,
    onOnePhase?: boolean,
  ): { readonly limitA: number; readonly eventId: string } | null
}

export interface NodeCap {
  readonly nodeId: string
  readonly limitW: number
  readonly eventId: string
  readonly kind: 'limit' | 'setpoint'
}

export interface ThroughCap {
  readonly nodeId: string
  readonly limitW: number
  /** Per line; Infinity = none. */
  readonly limitA: readonly [number, number, number]
  readonly eventId: string
  readonly kind: 'limit' | 'setpoint'
}

export const NO_CAPS: EventCaps = {
  controllable: [],
  through: [],
  follow: false,
  active: () => false,
  evseLimit: () => null,
}

/** What the EVSEs may draw by now; arrays are indexed by EVSE, see `Asks`. */
export interface Drawn {
  readonly draws: Draws
  readonly mayDrawA: Float64Array
  readonly reservedA: Float64Array
}

const NONE = [Infinity, Infinity, Infinity] as const

/**
 * The caps of one segment of the timeline, for this site and the sessions that it has now.
 *
 * @param drawn what sets that are no node must leave room for; `null` = every session obeys
 */
export const capsOf = (
  segment: Segment,
  view: GridView,
  states: readonly EvseState[],
  drawn: Drawn | null = null,
): EventCaps => {
  const { site } = view
  const controllable: NodeCap[] = []
  const through = [segment.connection, ...segment.nodes].flatMap(throughCap)
  const shares = new Map<string, { limitA: number; eventId: string }>()

  const capGroup = (
    set: GroupLimits['set'],
    limitW: number,
    eventId: string,
    kind: NodeCap['kind'],
  ): void => {
    if (set.nodeId !== null) {
      controllable.push({ nodeId: set.nodeId, limitW, eventId, kind })
      return
    }
    shareOut(set, limitW, eventId)
  }

  const ratingOf = (evses: readonly number[]): number =>
    evses.reduce((sum, e) => sum + view.evseRatingW(states[e].evse), 0)
  const mayDrawW = (e: number): number => (drawn ? drawn.mayDrawA[e] * drawn.draws.watts[e] : 0)
  const isReserved = (e: number): boolean => drawn !== null && drawn.reservedA[e] > 0

  /**
   * A set that is no node is divided among its sessions by rating, less what those may draw that
   * cannot be told anything. Together they rise only as far as the others have made room.
   */
  const shareOut = (set: GroupLimits['set'], limitW: number, eventId: string): void => {
    const members = [...states.keys()].filter((e) => inSet(set, states[e].evse.key))
    const present = members.filter((e) => states[e].session !== null)
    const sharing = present.length > 0 ? present : members
    const steered = sharing.filter((e) => !isReserved(e))
    let leftW = limitW
    let roomW = limitW
    for (const e of members) {
      // An EVSE without a vehicle draws nothing, unless we do not hear of the vehicle.
      if (states[e].session === null && states[e].ready) continue
      roomW -= mayDrawW(e)
      if (isReserved(e)) leftW -= mayDrawW(e)
    }
    const reservedPart = limitW / ratingOf(sharing)
    const steeredPart = Math.max(0, leftW) / ratingOf(steered)
    const shareW = (e: number): number =>
      view.evseRatingW(states[e].evse) * (isReserved(e) ? reservedPart : steeredPart)
    const riseW = (e: number): number => Math.max(0, shareW(e) - mayDrawW(e))
    const risesW = steered.reduce((sum, e) => sum + riseW(e), 0)
    const rises = drawn === null || risesW === 0 ? 1 : Math.min(1, Math.max(0, roomW) / risesW)
    for (const e of sharing) {
      const { evse } = states[e]
      const powerW = shareW(e) - (1 - rises) * riseW(e)
      const limitA = (evse.maxA * powerW) / view.evseRatingW(evse)
      if (limitA < (shares.get(evse.key)?.limitA ?? Infinity)) {
        shares.set(evse.key, { limitA, eventId })
      }
    }
  }

  for (const group of [segment.controllable, ...segment.groups]) {
    if (group.importW) capGroup(group.set, group.importW.value, group.importW.eventId, 'limit')
  }
  for (const target of segment.targets) {
    if (target.scope === 'controllable') {
      capGroup(target.set, target.powerW, target.eventId, 'setpoint')
    } else {
      through.push({
        nodeId: target.set.nodeId ?? site.nodes[0].id,
        limitW: target.powerW,
        limitA: NONE,
        eventId: target.eventId,
        kind: 'setpoint',
      })
    }
  }
  return {
    controllable,
    through,
    follow: segment.targets.some((target) => target.aim === 'follow'),
    active: (eventId) =>
      controllable.some((cap) => cap.eventId === eventId) ||
      through.some((cap) => cap.eventId === eventId) ||
      segment.evseRules.some((rule) => rule.eventId === eventId) ||
      [...shares.values()].some((share) => share.eventId === eventId),
    evseLimit: (key, onOnePhase = false) => {
      const part = shares.get(key) ?? null
      // Shares are powers, told in amperes of three phases.
      const share = part && onOnePhase ? { ...part, limitA: 3 * part.limitA } : part
      const evse = segment.evseRules.length === 0 ? undefined : view.evse(key)
      const rule = evse ? evseLimitA(segment, evse, view, onOnePhase) : null
      if (rule === null || (share !== null && share.limitA <= rule.value)) return share
      return { limitA: rule.value, eventId: rule.eventId }
    },
  }
}

const throughCap = (limits: NodeLimits): ThroughCap[] => {
  const caps: ThroughCap[] = []
  if (limits.importW) {
    caps.push({
      nodeId: limits.nodeId,
      limitW: limits.importW.value,
      limitA: NONE,
      eventId: limits.importW.eventId,
      kind: 'limit',
    })
  }
  PHASES.forEach((_, line) => {
    const bound = limits.importA[line]
    if (!bound) return
    const limitA: [number, number, number] = [...NONE]
    limitA[line] = bound.value
    caps.push({
      nodeId: limits.nodeId,
      limitW: Infinity,
      limitA,
      eventId: bound.eventId,
      kind: 'limit',
    })
  })
  return caps
}

import { PHASES } from '../domain/phases.ts'
import type { Reason } from '../domain/reason.ts'
import type { Node, Site } from '../domain/site.ts'
import { POWER_ROW, type Rows } from '../engine/rows.ts'
import type { Topology } from '../engine/topology.ts'
import type { EventCaps, SetCap, ThroughCap } from './event-caps.ts'
import type { NodeLoad } from './node-loads.ts'
import { zoneId } from './zones.ts'

/** Why a row has the cap that it has, for grants that it stops: one object per row and tick. */
export type CapReason = (zone: number, row: number) => Reason

/**
 * Fills the caps of the rows: limit less margin less uncontrolled load, and what events leave.
 *
 * @param guard 0 = the caps that grants are made for, 1 = the limits themselves
 * @param idleW per zone: what idle EVSEs are reserved. It counts against fuses, where a car that is
 *   just plugged in must find room, but not against events, which bound what is drawn.
 */
export const fillCaps = (
  rows: Rows,
  topology: Topology,
  site: Site,
  loads: readonly NodeLoad[],
  events: EventCaps,
  idleW: Float64Array,
  guard: number,
): CapReason => {
  const { capA, capW } = rows
  capA.fill(Infinity)
  capW.fill(Infinity)
  const reasons = new Map<number, Reason>()
  site.nodes.forEach((node, n) => {
    const { uncontrolledA, uncontrolledW } = loads[n]
    const usable = 1 - node.margin * (1 - guard)
    node.limitA?.forEach((limitA, line) => {
      capA[n * 3 + line] = limitA * usable - uncontrolledA[line]
    })
    if (node.limitW !== null) capW[n] = node.limitW * usable - uncontrolledW
  })

  const limit = (zone: number, row: number, cap: number, reason: Reason): void => {
    const caps = row === POWER_ROW ? capW : capA
    const k = row === POWER_ROW ? zone : zone * 3 + row
    if (cap >= caps[k]) return
    caps[k] = cap
    reasons.set(zone * 4 + row, reason)
  }
  for (const cap of events.controllable) {
    const zone = topology.zoneIds.indexOf(zoneId(cap.set))
    if (zone >= 0) limit(zone, POWER_ROW, cap.limitW + idleW[zone], setReason(cap))
  }
  for (const cap of events.through) {
    const n = topology.nodeIds.indexOf(cap.nodeId)
    if (n < 0) continue
    limit(n, POWER_ROW, cap.limitW - loads[n].uncontrolledW + idleW[n], eventReason(cap))
    cap.limitA.forEach((limitA, line) =>
      limit(n, line, limitA - loads[n].uncontrolledA[line], {
        code: 'event-evse-limit',
        eventId: cap.eventId,
        limitA,
      }),
    )
  }

  return (zone, row) => {
    let reason = reasons.get(zone * 4 + row)
    if (!reason) {
      // Groups have no limit of their own.
      reason = ownLimit(site.nodes[zone], loads[zone], row)
      reasons.set(zone * 4 + row, reason)
    }
    return reason
  }
}

const ownLimit = (node: Node, { uncontrolledA, uncontrolledW }: NodeLoad, row: number): Reason =>
  row === POWER_ROW
    ? {
        code: 'node-power',
        nodeId: node.id,
        limitW: node.limitW ?? Infinity,
        loadW: uncontrolledW,
      }
    : {
        code: 'node-limit',
        nodeId: node.id,
        phase: PHASES[row],
        limitA: node.limitA ? node.limitA[row] : Infinity,
        loadA: uncontrolledA[row],
      }

/** `of`: how many are meant that are no node. */
const eventReason = (
  { eventId, limitW, kind }: SetCap | ThroughCap,
  of: { evses?: number } = {},
): Reason =>
  kind === 'setpoint'
    ? { code: 'setpoint', eventId, targetW: limitW, ...of }
    : { code: 'event-limit', eventId, limitW, ...of }

const setReason = (cap: SetCap): Reason =>
  eventReason(cap, cap.set.nodeId === null ? { evses: cap.set.members.length } : {})

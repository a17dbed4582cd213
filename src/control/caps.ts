import { PHASES } from '../domain/phases.ts'
import type { Reason } from '../domain/reason.ts'
import type { Node, Site } from '../domain/site.ts'
import { POWER_ROW, type Rows } from '../engine/rows.ts'
import type { Topology } from '../engine/topology.ts'
import type { EventCaps } from './event-caps.ts'
import type { NodeLoad } from './node-loads.ts'

/** Why a row has the cap that it has, for grants that it stops: one object per row and tick. */
export type CapReason = (node: number, row: number) => Reason

/**
 * Fills the caps of the rows: limit less margin less uncontrolled load, and what events leave.
 *
 * @param guard 0 = the caps that grants are made for, 1 = the limits themselves
 * @param idleW per node: what idle EVSEs are reserved. It counts against fuses, where a car that is
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
  const reasons = new Map<number, Reason>()
  site.nodes.forEach((node, n) => {
    const { uncontrolledA, uncontrolledW } = loads[n]
    const usable = 1 - node.margin * (1 - guard)
    for (let line = 0; line < 3; line++) {
      capA[n * 3 + line] = node.limitA ? node.limitA[line] * usable - uncontrolledA[line] : Infinity
    }
    capW[n] = node.limitW === null ? Infinity : node.limitW * usable - uncontrolledW
  })

  const limit = (n: number, row: number, cap: number, reason: Reason): void => {
    const caps = row === POWER_ROW ? capW : capA
    const k = row === POWER_ROW ? n : n * 3 + row
    if (cap >= caps[k]) return
    caps[k] = cap
    reasons.set(n * 4 + row, reason)
  }
  for (const cap of events.controllable) {
    const n = topology.nodeIds.indexOf(cap.nodeId)
    if (n >= 0) limit(n, POWER_ROW, cap.limitW + idleW[n], eventReason(cap))
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

  return (n, row) => {
    let reason = reasons.get(n * 4 + row)
    if (!reason) {
      reason = ownLimit(site.nodes[n], loads[n], row)
      reasons.set(n * 4 + row, reason)
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

const eventReason = (cap: {
  eventId: string
  limitW: number
  kind: 'limit' | 'setpoint'
}): Reason =>
  cap.kind === 'setpoint'
    ? { code: 'setpoint', eventId: cap.eventId, targetW: cap.limitW }
    : { code: 'event-limit', eventId: cap.eventId, limitW: cap.limitW }

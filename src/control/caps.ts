import { PHASES } from '../domain/phases.ts'
import type { Reason } from '../domain/reason.ts'
import type { Site } from '../domain/site.ts'
import { POWER_ROW, type Rows } from '../engine/rows.ts'
import type { EventCaps } from './event-caps.ts'
import type { NodeLoad } from './node-loads.ts'

/** Why a row has the cap that it has, for grants that it stops. */
export type CapReason = (node: number, row: number) => Reason

/**
 * Fills the caps of the rows: limit less margin less uncontrolled load, and what events leave.
 * `guard` 0 = the caps that grants are made for, 1 = the limits themselves.
 */
export const fillCaps = (
  rows: Rows,
  site: Site,
  loads: readonly NodeLoad[],
  events: EventCaps,
  guard: number,
): CapReason => {
  const { capA, capW } = rows
  const powerReason = new Map<number, Reason>()
  site.nodes.forEach((node, n) => {
    const { uncontrolledA, uncontrolledW } = loads[n]
    const usable = 1 - node.margin * (1 - guard)
    for (let line = 0; line < 3; line++) {
      capA[n * 3 + line] = node.limitA ? node.limitA[line] * usable - uncontrolledA[line] : Infinity
    }
    capW[n] = node.limitW === null ? Infinity : node.limitW * usable - uncontrolledW
  })
  const { connection, lines } = events
  if (connection !== null) {
    const roomW = connection.limitW - loads[0].uncontrolledW
    if (roomW < capW[0]) {
      capW[0] = roomW
      powerReason.set(0, {
        code: 'event-limit',
        eventId: connection.eventId,
        limitW: connection.limitW,
      })
    }
  }
  if (lines !== null) {
    for (let line = 0; line < 3; line++) {
      capA[line] = Math.min(capA[line], lines.limitA - loads[0].uncontrolledA[line])
    }
  }
  for (const cap of events.controllable) {
    const n = site.nodes.findIndex((node) => node.id === cap.nodeId)
    if (n < 0 || cap.limitW >= capW[n]) continue
    capW[n] = cap.limitW
    powerReason.set(
      n,
      cap.kind === 'setpoint'
        ? { code: 'setpoint', eventId: cap.eventId, targetW: cap.limitW }
        : { code: 'event-limit', eventId: cap.eventId, limitW: cap.limitW },
    )
  }
  return (n, row) => {
    const node = site.nodes[n]
    if (row === POWER_ROW) {
      const reason = powerReason.get(n)
      if (reason) return reason
      return {
        code: 'node-power',
        nodeId: node.id,
        limitW: node.limitW ?? Infinity,
        loadW: loads[n].uncontrolledW,
      }
    }
    if (lines !== null && n === 0 && (!node.limitA || lines.limitA < node.limitA[row])) {
      return { code: 'event-evse-limit', eventId: lines.eventId, limitA: lines.limitA }
    }
    return {
      code: 'node-limit',
      nodeId: node.id,
      phase: PHASES[row],
      limitA: node.limitA ? node.limitA[row] : Infinity,
      loadA: loads[n].uncontrolledA[row],
    }
  }
}

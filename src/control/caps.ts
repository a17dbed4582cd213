import { PHASES } from '../domain/phases.ts'
import type { Reason } from '../domain/reason.ts'
import type { Node, Site } from '../domain/site.ts'
import type { Cap } from '../engine/binding.ts'
import { POWER_ROW } from '../engine/rows.ts'
import type { Topology } from '../engine/topology.ts'
import type { EventCaps, SetCap, ThroughCap } from './event-caps.ts'
import type { NodeLoad } from './node-loads.ts'
import { zoneId } from './zones.ts'

/** A cap on a row of the tree, and the sentence about it. */
export interface SiteCap extends Cap {
  readonly reason: Reason
}

/**
 * The caps on the rows: limits less margin less uncontrolled load, and what events leave. A row may
 * have several; the constraints are one per event, and per node one in amperes and one in watts.
 *
 * @param guard 0 = the caps that grants are made for, 1 = the limits themselves
 * @param idleW per zone: what idle EVSEs are reserved. It counts against fuses, where a car that is
 *   just plugged in must find room, but not against events, which bound what is drawn.
 */
export const siteCaps = (
  topology: Topology,
  site: Site,
  loads: readonly NodeLoad[],
  events: EventCaps,
  idleW: Float64Array,
  guard: number,
): SiteCap[] => {
  const caps: SiteCap[] = []
  site.nodes.forEach((node, n) => {
    const { uncontrolledA, uncontrolledW } = loads[n]
    const usable = 1 - node.margin * (1 - guard)
    const own = (row: number, value: number): number =>
      caps.push({
        zone: n,
        row,
        value,
        source: row === POWER_ROW ? `power of ${node.id}` : `current of ${node.id}`,
        reason: ownLimit(node, loads[n], row),
      })
    node.limitA?.forEach((limitA, line) => own(line, limitA * usable - uncontrolledA[line]))
    if (node.limitW !== null) own(POWER_ROW, node.limitW * usable - uncontrolledW)
  })

  const limit = (zone: number, row: number, value: number, reason: EventReason): void => {
    if (value === Infinity) return
    caps.push({ zone, row, value, source: `event ${reason.eventId}`, reason })
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
        code: 'event-node-limit',
        eventId: cap.eventId,
        nodeId: cap.nodeId,
        phase: PHASES[line],
        limitA,
        loadA: loads[n].uncontrolledA[line],
      }),
    )
  }
  return caps
}

type EventReason = Reason & { readonly eventId: string }

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
): EventReason =>
  kind === 'setpoint'
    ? { code: 'setpoint', eventId, targetW: limitW, ...of }
    : { code: 'event-limit', eventId, limitW, ...of }

const setReason = (cap: SetCap): EventReason =>
  eventReason(cap, cap.set.nodeId === null ? { evses: cap.set.members.length } : {})

import type { EvseState } from '../domain/evse-state.ts'
import { largest, perPhase, PHASES, type PerPhase } from '../domain/phases.ts'
import type { Grant, Reason } from '../domain/reason.ts'
import type { Site } from '../domain/site.ts'
import { magnitude } from '../engine/rows.ts'
import type { Topology } from '../engine/topology.ts'
import type { Asks } from './asks.ts'
import type { EventCaps } from './event-caps.ts'
import { inForceA, lineCurrents, type EvseControl } from './evse-control.ts'
import type { NodeLoad } from './node-loads.ts'

/** The site as the last tick saw it, for people and programs. */
export interface SiteView {
  readonly atMs: number
  /** `null` = normal; otherwise why the site is on its failsafe. */
  readonly failsafe: string | null
  readonly nodes: readonly NodeView[]
  readonly evses: readonly EvseView[]
}

export interface NodeView {
  readonly id: string
  readonly limitA: PerPhase | null
  readonly limitW: number | null
  /** Uncontrolled load plus what the EVSEs below draw by their meters. */
  readonly loadA: PerPhase
  readonly loadW: number
  readonly uncontrolledA: PerPhase
  readonly uncontrolledW: number
  readonly evseA: PerPhase
  readonly evseW: number
  /** What the EVSEs below may draw at most, as counted against the limit. */
  readonly mayDrawA: PerPhase
  /** What is left below the limit if everyone draws what it may. */
  readonly headroomA: PerPhase | null
  readonly eventLimitW: number | null
  readonly eventIds: readonly string[]
  readonly problems: readonly Reason[]
}

export interface EvseView extends Grant {
  readonly mayDrawA: number
  /** Limit that the station accepted and that is in force. */
  readonly inForceA: number
  readonly validToMs: number | null
  readonly drawA: PerPhase | null
  readonly powerW: number | null
  readonly online: boolean
}

interface Snapshot {
  readonly nowMs: number
  readonly controls: readonly EvseControl[]
  readonly states: readonly EvseState[]
  readonly asks: Asks
  readonly loads: readonly NodeLoad[]
  readonly events: EventCaps
}

const drawn = (control: EvseControl, { measured }: EvseState): PerPhase | null =>
  measured && lineCurrents(control, measured)

type ReservedCause = (Reason & { code: 'reserved' })['cause']

const RESERVED_CAUSES: ReadonlySet<string> = new Set<ReservedCause>([
  'offline',
  'never-accepted',
  'disobeys',
  'failsafe',
])

const isReservedCause = (code: string): code is ReservedCause => RESERVED_CAUSES.has(code)

/** What EVSEs below a node keep that cannot be controlled now, by cause, on the phase with most. */
const reservedOf = ({ asks }: Snapshot, topology: Topology, n: number): Reason[] => {
  const byCause = new Map<ReservedCause, { keys: string[]; lineA: [number, number, number] }>()
  for (const e of topology.members[n]) {
    const code = asks.obstacles[e]?.code ?? ''
    if (!isReservedCause(code) || asks.reservedA[e] <= 0) continue
    const entry = byCause.get(code) ?? { keys: [], lineA: [0, 0, 0] }
    byCause.set(code, entry)
    entry.keys.push(topology.evseKeys[e])
    const { re, im } = asks.draws
    for (let line = 0; line < 3; line++) {
      entry.lineA[line] += asks.reservedA[e] * magnitude(re[e * 3 + line], im[e * 3 + line])
    }
  }
  return [...byCause].map(([cause, { keys, lineA }]) => {
    const amps = largest(lineA)
    return { code: 'reserved', cause, phase: PHASES[lineA.indexOf(amps)], amps, keys }
  })
}

/** Keeps the last tick; the view itself is made only when somebody asks. */
export const createView = (site: Site, topology: Topology, failsafe: () => string | null) => {
  let last: Snapshot | null = null

  const nodeView = (snapshot: Snapshot, n: number): NodeView => {
    const { controls, states, asks, loads, events } = snapshot
    const node = site.nodes[n]
    const may = [0, 0, 0, 0, 0, 0]
    const draws = [0, 0, 0]
    let evseW = 0
    for (const e of topology.members[n]) {
      for (let line = 0; line < 3; line++) {
        may[line] += asks.mayDrawA[e] * asks.draws.re[e * 3 + line]
        may[line + 3] += asks.mayDrawA[e] * asks.draws.im[e * 3 + line]
        if (controls[e].transactionId !== null) {
          draws[line] += drawn(controls[e], states[e])?.[line] ?? 0
        }
      }
      if (controls[e].transactionId !== null) evseW += states[e].measured?.powerW ?? 0
    }
    const { uncontrolledA, uncontrolledW, meteredA, meteredW, stale } = loads[n]
    const mayDrawA = perPhase((line) => magnitude(may[line], may[line + 3]))
    const caps = events.controllable.filter(({ set }) => set.nodeId === node.id)
    const through = events.through.filter((cap) => cap.nodeId === node.id)
    const eventW = Math.min(...[...caps, ...through].map((cap) => cap.limitW))
    return {
      id: node.id,
      limitA: node.limitA,
      limitW: node.limitW,
      loadA: meteredA ?? perPhase((line) => uncontrolledA[line] + draws[line]),
      loadW: meteredW ?? uncontrolledW + evseW,
      uncontrolledA,
      uncontrolledW,
      evseA: [draws[0], draws[1], draws[2]],
      evseW,
      mayDrawA,
      headroomA:
        node.limitA &&
        perPhase((line) => node.limitA![line] - uncontrolledA[line] - mayDrawA[line]),
      eventLimitW: eventW === Infinity ? null : eventW,
      eventIds: [...new Set([...caps, ...through].map((cap) => cap.eventId))],
      problems: [...stale, ...reservedOf(snapshot, topology, n)],
    }
  }

  const evseView = (snapshot: Snapshot, control: EvseControl): EvseView => {
    const { states, asks, nowMs } = snapshot
    const state = states[control.index]
    const { accepted } = control
    return {
      ...control.grant,
      mayDrawA: asks.mayDrawA[control.index],
      inForceA: inForceA(control, nowMs),
      validToMs: accepted && accepted.validToMs > nowMs ? accepted.validToMs : null,
      drawA: drawn(control, state),
      powerW: state.measured?.powerW ?? null,
      online: state.ready,
    }
  }

  return {
    update: (snapshot: Snapshot): void => {
      last = snapshot
    },
    /** Without the rest of the view: what is asked each second. */
    nodeW: (nodeId: string): number | null =>
      last ? nodeView(last, topology.nodeIds.indexOf(nodeId)).loadW : null,
    current: (): SiteView => {
      const snapshot = last
      if (!snapshot) return { atMs: 0, failsafe: failsafe(), nodes: [], evses: [] }
      return {
        atMs: snapshot.nowMs,
        failsafe: failsafe(),
        nodes: site.nodes.map((_, n) => nodeView(snapshot, n)),
        evses: snapshot.controls.map((control) => evseView(snapshot, control)),
      }
    },
  }
}

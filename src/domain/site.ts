import type { PerPhase } from './phases.ts'
import type { Transformer } from './transformer.ts'
import type { Supply, Wiring } from './wiring.ts'

/** One grid connection with its electrical tree. */
export interface Site {
  readonly id: string
  readonly name: string
  /** IANA time zone. */
  readonly timeZone: string
  readonly supply: Supply
  /** Most that two lines of the grid connection may differ in plans, amperes; absent = no limit. */
  readonly imbalanceLimitA?: number
  /** Parents before children; `nodes[0]` is the grid connection. */
  readonly nodes: readonly Node[]
  readonly loads: readonly LoadNode[]
  readonly evses: readonly Evse[]
}

/** A point of the electrical tree (connection, transformer, panel, feeder). */
export interface Node {
  readonly id: string
  readonly name: string
  /** `null` for the grid connection. */
  readonly parentId: string | null
  /** Rated current per phase in amperes; `null` where only power is limited. */
  readonly limitA: PerPhase | null
  /** Import limit in watts; `null` where only current is limited. */
  readonly limitW: number | null
  /** Meter that sees everything below this node; `null` where there is none. */
  readonly meterId: string | null
  /** Part of the limit that is never given out, for meter error and response time (0.05 = 5 %). */
  readonly margin: number
  /** Its temperature bounds what plans draw through the node; absent = it is no transformer. */
  readonly transformer?: Transformer
}

/** A load or source that Busbar measures but does not control. */
export interface LoadNode {
  readonly id: string
  readonly name: string
  readonly nodeId: string
  readonly kind: 'building' | 'pv' | 'battery' | 'genset' | 'other'
  readonly meterId: string | null
  readonly wiring: Wiring
  /**
   * The most this load can draw, per phase in amperes: assumed while it has no meter or its meter
   * is stale, and used by the configuration check. Zero for a pure source.
   */
  readonly designA: PerPhase
  /**
   * The most a source can deliver, per phase in amperes; absent = not declared. A meter above it
   * that shows more feed-in is not believed.
   */
  readonly exportA?: PerPhase
}

/** An EVSE as installed: where it hangs and what its hardware may draw. */
export interface Evse {
  /** `stationId/evseId`, unique in the installation. */
  readonly key: string
  readonly stationId: string
  /** OCPP EVSE id (1.6: connector id), from 1. */
  readonly evseId: number
  readonly nodeId: string
  readonly wiring: Wiring
  readonly current: 'AC' | 'DC'
  /** Rating per conductor on the AC side, amperes. */
  readonly maxA: number
  /** Below this the grant is 0 (6 A by IEC 61851; DC may go lower). */
  readonly minA: number
  /** Per conductor: what the EVSE may draw when it no longer hears from us. */
  readonly failsafeA: number
  /** Higher is served first. */
  readonly priority: number
  /** AC input to DC output, 0..1; 1 for AC. */
  readonly efficiency: number
  /** `off`: others command it. It counts at its rating. Absent = we do. */
  readonly control?: 'off'
  /** May be switched between three phases and one during a session; absent = it may not. */
  readonly phaseSwitch?: PhaseSwitch
}

export interface PhaseSwitch {
  /** Site phase (0, 1, 2) that carries the current when it charges on one phase. */
  readonly line: 0 | 1 | 2
}

export const evseKey = (stationId: string, evseId: number): string => `${stationId}/${evseId}`

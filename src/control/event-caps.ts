/** What grid events demand of a site at one instant; absent means that no event says anything. */
export interface EventCaps {
  /** Caps on what the EVSEs below a node draw together; the grid connection for the whole site. */
  readonly controllable: readonly NodeCap[]
  /** Cap on the import through the grid connection, uncontrolled loads included. */
  readonly connection: { readonly limitW: number; readonly eventId: string } | null
  /** Caps per line of the grid connection. */
  readonly lines: { readonly limitA: number; readonly eventId: string } | null
  /** Cap of one EVSE, amperes per conductor. */
  evseLimit(key: string): { readonly limitA: number; readonly eventId: string } | null
}

export interface NodeCap {
  readonly nodeId: string
  readonly limitW: number
  readonly eventId: string
  /** A target to follow rather than a limit. */
  readonly kind: 'limit' | 'setpoint'
}

export const NO_CAPS: EventCaps = {
  controllable: [],
  connection: null,
  lines: null,
  evseLimit: () => null,
}

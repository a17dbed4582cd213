import type { EvseStatus } from '../domain/session.ts'

/** OCPP 2.x ChargingStateEnumType. */
export type ChargingState = 'charging' | 'ev-connected' | 'suspended-ev' | 'suspended-evse' | 'idle'

export interface StatusFacts {
  readonly reported: EvseStatus
  readonly chargingState: ChargingState | null
  readonly transactionOpen: boolean
  /** The EVSE's own meter shows a current now. */
  readonly drawing: boolean
}

const BY_CHARGING_STATE: Record<ChargingState, EvseStatus> = {
  charging: 'charging',
  'ev-connected': 'occupied',
  'suspended-ev': 'suspended-ev',
  'suspended-evse': 'suspended-evse',
  idle: 'finishing',
}

/**
 * The status of an EVSE from all that is known: notifications come late, get stuck, or say
 * "available" while a car is plugged in (field problems 11, 54). The meter is believed before the
 * transaction, the transaction before the notification.
 */
export const deriveStatus = (facts: StatusFacts): EvseStatus => {
  if (facts.drawing) return 'charging'
  const { reported, chargingState, transactionOpen } = facts
  if (reported === 'faulted' || !transactionOpen) return reported
  if (chargingState !== null) return BY_CHARGING_STATE[chargingState]
  return reported === 'available' || reported === 'reserved' || reported === 'unknown'
    ? 'occupied'
    : reported
}

/** A vehicle stands there. */
export const isPlugged = (status: EvseStatus): boolean =>
  status === 'occupied' ||
  status === 'charging' ||
  status === 'suspended-ev' ||
  status === 'suspended-evse' ||
  status === 'finishing'

/** The order in which the connectors of one EVSE decide for it. */
const BY_WEIGHT: readonly EvseStatus[] = [
  'charging',
  'suspended-evse',
  'suspended-ev',
  'occupied',
  'finishing',
  'reserved',
  'available',
  'faulted',
  'unavailable',
]

/** One status for an EVSE with several connectors, of which one can be in use. */
export const combineConnectors = (connectors: Iterable<EvseStatus>): EvseStatus => {
  const all = new Set(connectors)
  return BY_WEIGHT.find((status) => all.has(status)) ?? 'unknown'
}

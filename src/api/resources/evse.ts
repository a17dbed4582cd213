import { Type, type Static } from 'typebox'
import type { EvseView } from '../../control/view.ts'
import type { EvseState } from '../../domain/evse-state.ts'
import type { Grant } from '../../domain/reason.ts'
import type { EvseStatus } from '../../domain/session.ts'
import { WIRINGS } from '../../domain/wiring.ts'
import { choice, flag, integer, named, nullable, number, text, time } from '../shapes.ts'
import { isoOrNull } from '../time.ts'
import type { Words } from '../words.ts'
import { MEASUREMENT, presentMeasurement } from './reading.ts'
import { presentReason, REASON } from './reason.ts'

export const EVSE_STATUSES = [
  'available',
  'occupied',
  'charging',
  'suspended-ev',
  'suspended-evse',
  'finishing',
  'reserved',
  'unavailable',
  'faulted',
  'unknown',
] as const satisfies readonly EvseStatus[]

const LIMIT = {
  key: text('stationId/evseId'),
  limitA: number('amperes per conductor; 0 = pause'),
  reasons: Type.Array(REASON),
  together: integer('so many of the first reasons bind: without all of them the limit rises'),
}

/** As it is announced when it changes. */
export const GRANT_CHANGE = named('GrantChange', 'A new grant', LIMIT)

export const GRANT = named('Grant', 'What one EVSE may draw now, and why', {
  ...LIMIT,
  mayDrawA: number('what it counts for against the limits of the site'),
  inForceA: number('the limit that the station has accepted and that is in force'),
  validTo: nullable(time('end of that limit; then its failsafe holds')),
})

const EVSE_PROPERTIES = {
  key: text('stationId/evseId'),
  stationId: text(),
  evseId: integer(),
  nodeId: text(),
  wiring: choice(WIRINGS),
  current: choice(['AC', 'DC']),
  maxA: number('rating per conductor'),
  minA: number('below this it pauses'),
  failsafeA: number('what it may draw when it no longer hears from us'),
  priority: number('higher is served first'),
  online: flag('connected, and its boot was accepted'),
  planned: flag('its station has never connected: it reserves nothing until it does'),
  status: choice(EVSE_STATUSES),
  sessionId: nullable(text()),
  transactionId: nullable(text()),
  measured: nullable(MEASUREMENT),
}

/** Without its grant, which changes on its own. */
export const EVSE_STATE = named('EvseState', 'An EVSE and what its station says', EVSE_PROPERTIES)

export const EVSE = named('Evse', 'An EVSE, what its station says and what it may draw', {
  ...EVSE_PROPERTIES,
  grant: nullable(GRANT),
})

export const presentGrantChange = (grant: Grant, words: Words): Static<typeof GRANT_CHANGE> => ({
  key: grant.key,
  limitA: grant.limitA,
  reasons: grant.reasons.map((reason) => presentReason(reason, words)),
  together: Math.min(grant.reasons.length, grant.together ?? 1),
})

export const presentGrant = (view: EvseView, words: Words): Static<typeof GRANT> => ({
  ...presentGrantChange(view, words),
  mayDrawA: view.mayDrawA,
  inForceA: view.inForceA,
  validTo: isoOrNull(view.validToMs),
})

export const presentEvseState = (state: EvseState): Static<typeof EVSE_STATE> => {
  const { evse, session, measured } = state
  const { key, stationId, evseId, nodeId, wiring, current, maxA, minA, failsafeA, priority } = evse
  return {
    key,
    stationId,
    evseId,
    nodeId,
    wiring,
    current,
    maxA,
    minA,
    failsafeA,
    priority,
    online: state.ready,
    planned: state.planned ?? false,
    status: state.status,
    sessionId: session?.id ?? null,
    transactionId: session?.transactionId ?? null,
    measured: measured === null ? null : presentMeasurement(measured),
  }
}

/** @param view absent before the first control tick */
export const presentEvse = (
  state: EvseState,
  view: EvseView | undefined,
  words: Words,
): Static<typeof EVSE> => ({
  ...presentEvseState(state),
  grant: view === undefined ? null : presentGrant(view, words),
})

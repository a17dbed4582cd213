import { Type, type Static } from 'typebox'
import type { Row } from '../../ports/tables.ts'
import type { MeterState, SourceState } from '../deps.ts'
import { anything, choice, flag, integer, named, nullable, number, text, time } from '../shapes.ts'
import { iso, isoOrNull } from '../time.ts'

export const MESSAGE = named('Message', 'An OCPP frame as it went over the wire', {
  at: time(),
  stationId: text(),
  direction: choice(['in', 'out'], 'in = from the station'),
  kind: choice(['call', 'result', 'error']),
  action: text(),
  messageId: text(),
  text: text(),
})

export const presentMessage = (row: Row<'message'>): Static<typeof MESSAGE> => ({
  at: iso(row.atMs ?? 0),
  stationId: row.stationId ?? '',
  direction: row.direction === 'out' ? 'out' : 'in',
  kind: row.kind === 'result' || row.kind === 'error' ? row.kind : 'call',
  action: row.action ?? '',
  messageId: row.messageId ?? '',
  text: row.text ?? '',
})

export const AUDIT = named('AuditEntry', 'Who did what to what', {
  at: time(),
  actor: text('token:<id>/<label> for the API, station:<id> for a station'),
  action: text(),
  target: text(),
  detail: anything('depends on the action'),
})

export const presentAudit = (row: Row<'audit'>): Static<typeof AUDIT> => ({
  at: iso(row.atMs ?? 0),
  actor: row.actor ?? '',
  action: row.action ?? '',
  target: row.target ?? '',
  detail: row.detail,
})

const HEALTH = {
  ok: flag(),
  since: nullable(time('of that; null = not known')),
  detail: text(),
}

export const METER = named('Meter', 'How well a meter is heard', {
  meterId: text(),
  ...HEALTH,
  stale: flag('its last reading says nothing about now'),
  ageS: nullable(number('null = it never said anything usable')),
  derived: Type.Array(text('quantity that is worked out, not measured')),
  readings: integer('since the start'),
  badReadings: integer('since the start'),
})

export const presentMeter = (meter: MeterState): Static<typeof METER> => ({
  meterId: meter.meterId,
  ok: meter.ok,
  since: sinceOrNull(meter.sinceMs),
  detail: meter.detail,
  stale: meter.stale,
  ageS: meter.ageS,
  derived: [...meter.derived],
  readings: meter.readings,
  badReadings: meter.bad,
})

export const SOURCE = named('Source', 'How well a source of events or prices is heard', {
  id: text(),
  delivers: choice(['events', 'prices']),
  ...HEALTH,
  comms: nullable(
    named('Comms', 'For authorities that send a heartbeat', {
      state: choice(['waiting', 'fresh', 'lost']),
      since: nullable(time()),
      complete: flag('every event that it lists has arrived'),
    }),
  ),
})

export const presentSource = ({
  id,
  delivers,
  health,
  comms,
}: SourceState): Static<typeof SOURCE> => ({
  id,
  delivers,
  ok: health.ok,
  since: sinceOrNull(health.sinceMs),
  detail: health.detail,
  comms: comms && {
    state: comms.state,
    since: sinceOrNull(comms.sinceMs),
    complete: comms.complete,
  },
})

/** Sources say 0 before they know. */
const sinceOrNull = (sinceMs: number): string | null => isoOrNull(sinceMs > 0 ? sinceMs : null)

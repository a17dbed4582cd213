import { Type, type Static } from 'typebox'
import type { Session, SessionNeed, Transaction } from '../../domain/session.ts'
import type { Row } from '../../ports/tables.ts'
import { rounded } from '../rounded.ts'
import { choice, integer, named, nullable, number, text, time } from '../shapes.ts'
import { iso, isoOrNull } from '../time.ts'

export const NEED = named('SessionNeed', 'What the driver wants, or what is assumed', {
  energyWh: nullable(number('over the whole session; null = until the vehicle is full')),
  departure: nullable(time('null = not known')),
  source: choice(['driver', 'api', 'station', 'history', 'default']),
})

export const SESSION = named('Session', "One vehicle's stay at an EVSE", {
  id: text(),
  stationId: text(),
  evseId: integer(),
  transactionId: nullable(text('null before a transaction starts and after it ends')),
  idToken: nullable(text()),
  connectedAt: time(),
  startedAt: nullable(time()),
  endedAt: nullable(time('null while the vehicle is there')),
  energyWh: number('delivered so far'),
  need: NEED,
  priority: number('higher is served first'),
})

export const presentSession = (session: Session): Static<typeof SESSION> => {
  const { connectedAtMs, startedAtMs, endedAtMs, need, ...rest } = session
  return {
    ...rest,
    connectedAt: iso(connectedAtMs),
    startedAt: isoOrNull(startedAtMs),
    endedAt: isoOrNull(endedAtMs),
    energyWh: rounded(session.energyWh),
    need: {
      energyWh: need.energyWh,
      departure: isoOrNull(need.departureMs),
      source: need.source,
    },
  }
}

const UNSAID: SessionNeed = { energyWh: null, departureMs: null, source: 'default' }

export const presentSessionRow = (row: Row<'session'>): Static<typeof SESSION> =>
  presentSession({
    id: row.id,
    stationId: row.stationId ?? '',
    evseId: row.evseId ?? 0,
    transactionId: row.transactionId,
    idToken: row.idToken,
    connectedAtMs: row.connectedAtMs ?? 0,
    startedAtMs: row.startedAtMs,
    endedAtMs: row.endedAtMs,
    energyWh: row.energyWh ?? 0,
    need: (row.need as SessionNeed | null) ?? UNSAID,
    priority: row.priority ?? 0,
  })

export const TRANSACTION = named('Transaction', 'A transaction as OCPP has it', {
  transactionId: text('given by Busbar for OCPP 1.6, by the station for 2.x'),
  stationId: text(),
  evseId: integer('0 = not known'),
  connectorId: integer('0 = not known'),
  sessionId: nullable(text()),
  idToken: nullable(text()),
  startedAt: time(),
  meterStartWh: nullable(number()),
  endedAt: nullable(time()),
  meterStopWh: nullable(number()),
  stopReason: nullable(text()),
  seqNo: nullable(integer('of the last message (2.x)')),
  gaps: Type.Array(
    named('SeqRange', 'Sequence numbers, both ends included', {
      first: integer(),
      last: integer(),
    }),
    { description: 'sequence numbers that never arrived (2.x)' },
  ),
  state: choice(['open', 'ended', 'orphan'], 'orphan: ended without a start that is known'),
})

export const presentTransaction = (transaction: Transaction): Static<typeof TRANSACTION> => {
  const { startedAtMs, endedAtMs, gaps, ...rest } = transaction
  return {
    ...rest,
    startedAt: iso(startedAtMs),
    endedAt: isoOrNull(endedAtMs),
    gaps: [...gaps],
  }
}

export const SAMPLE = named('Sample', 'One set of meter values as the station sent it', {
  measuredAt: nullable(time()),
  receivedAt: nullable(time()),
  transactionId: nullable(text()),
  evseId: nullable(integer()),
  context: nullable(text('OCPP reading context')),
  values: Type.Array(
    named('SampledValue', 'One value, in base units', {
      measurand: text(),
      phase: text('empty = none'),
      unit: text(),
      value: Type.Union([number(), text('signed data')]),
    }),
  ),
})

type StoredValue = readonly [string, string, string, number | string]

export const presentSample = (row: Row<'sample'>): Static<typeof SAMPLE> => ({
  measuredAt: isoOrNull(row.measuredAtMs),
  receivedAt: isoOrNull(row.receivedAtMs),
  transactionId: row.transactionId,
  evseId: row.evseId,
  context: row.context,
  values: ((row.values ?? []) as readonly StoredValue[]).map(([measurand, phase, unit, value]) => ({
    measurand,
    phase,
    unit,
    value,
  })),
})

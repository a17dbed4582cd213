import type { Session, SessionNeed, Transaction } from '../domain/session.ts'
import { AppError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Random } from '../ports/random.ts'
import type { Storage, Stored, StoredRecord } from '../ports/storage.ts'
import type { Audit } from './audit.ts'
import type { Publish } from './changes.ts'
import { startCount } from './energy-meter.ts'
import type { Evses } from './evses.ts'
import type { Journal } from './journal.ts'
import type { EvseRecord, Mutable } from './live.ts'
import type { DefaultNeed } from './options.ts'
import type { Stations } from './stations.ts'

export interface SessionsDeps {
  readonly clock: Clock
  readonly random: Random
  readonly storage: Storage
  readonly journal: Journal
  readonly publish: Publish
  readonly audit: Audit
  readonly stations: Stations
  readonly evses: Evses
  readonly defaultNeed: DefaultNeed
}

export interface SessionFilter {
  readonly stationId?: string
  readonly limit?: number
  readonly offset?: number
}

/** Energy of a running session reaches the storage at least this often. */
const STORE_EVERY_MS = 60_000
const MAX_PRIORITY = 1_000
/** Whose word about a need counts more than the vehicle's. */
const SPOKEN_FOR: ReadonlySet<SessionNeed['source']> = new Set(['driver', 'api'])

export type Sessions = ReturnType<typeof createSessions>

/**
 * One vehicle's stay: from the plug (or the transaction, whatever comes first) until the connector
 * is free again. Functions that take `rows` add what must be stored together with the caller's own.
 */
export const createSessions = (deps: SessionsDeps) => {
  const { clock, random, storage, journal, publish, audit } = deps
  /** Where each open session is. */
  const places = new Map<string, EvseRecord>()

  const needFor = (connectedAtMs: number): SessionNeed => ({
    energyWh: deps.defaultNeed.energyWh,
    departureMs:
      deps.defaultNeed.stayS === null ? null : connectedAtMs + deps.defaultNeed.stayS * 1_000,
    source: 'default',
  })

  const newId = (): string =>
    `${clock.now().toString(36)}-${Math.floor(random.next() * 36 ** 8)
      .toString(36)
      .padStart(8, '0')}`

  /** A copy for the storage; the session itself goes on changing. */
  const store = (evse: EvseRecord, session: Session, rows: StoredRecord[]): void => {
    evse.sessionStoredAtMs = clock.now()
    rows.push({ table: 'session', row: { ...session } })
    publish('session', session.id, session)
  }

  const put = (evse: EvseRecord, session: Mutable<Session>): void => {
    evse.session = session
    evse.state.session = session
    places.set(session.id, evse)
  }

  const begin = (evse: EvseRecord, atMs: number, rows: StoredRecord[]): Mutable<Session> => {
    if (evse.session) return evse.session
    const { stationId, evseId, priority } = evse.state.evse
    const session: Mutable<Session> = {
      id: newId(),
      stationId,
      evseId,
      transactionId: null,
      idToken: null,
      connectedAtMs: atMs,
      startedAtMs: null,
      endedAtMs: null,
      energyWh: 0,
      need: needFor(atMs),
      priority,
    }
    startCount(evse.meter)
    put(evse, session)
    store(evse, session, rows)
    return session
  }

  const end = (evse: EvseRecord, atMs: number, rows: StoredRecord[]): void => {
    const { session } = evse
    if (session === null) return
    session.transactionId = null
    session.endedAtMs = Math.max(atMs, session.connectedAtMs)
    evse.session = null
    evse.state.session = null
    evse.state.ended = null
    places.delete(session.id)
    store(evse, session, rows)
  }

  const mustFind = (sessionId: string): { evse: EvseRecord; session: Mutable<Session> } => {
    const evse = places.get(sessionId)
    if (evse?.session?.id === sessionId) return { evse, session: evse.session }
    throw new AppError('not-found', `there is no open session "${sessionId}"`)
  }

  /** An operator's change: durable and on record before it is confirmed. */
  const change = async (
    sessionId: string,
    by: string,
    action: string,
    detail: unknown,
    apply: (session: Mutable<Session>) => void,
  ): Promise<Session> => {
    const { evse, session } = mustFind(sessionId)
    apply(session)
    const rows: StoredRecord[] = [audit.entry({ by, action, target: sessionId, detail })]
    store(evse, session, rows)
    await journal.commit(rows)
    return { ...session }
  }

  return {
    begin,
    end,

    /** A transaction takes part in real time now: it belongs to the stay of the vehicle there. */
    started: (
      evse: EvseRecord,
      transaction: Mutable<Transaction>,
      atMs: number,
      rows: StoredRecord[],
    ): void => {
      const stay = evse.session
      // Another driver after an ended transaction: the vehicle was changed without a notification.
      const another =
        stay !== null &&
        stay.idToken !== null &&
        transaction.idToken !== null &&
        stay.idToken.toUpperCase() !== transaction.idToken.toUpperCase()
      if (another) end(evse, atMs, rows)
      const session = begin(evse, atMs, rows)
      session.transactionId = transaction.transactionId
      session.idToken = transaction.idToken ?? session.idToken
      session.startedAtMs ??= atMs
      transaction.sessionId = session.id
      store(evse, session, rows)
    },

    /** The transaction ended; the vehicle may stay. */
    transactionEnded: (evse: EvseRecord, rows: StoredRecord[]): void => {
      const { session } = evse
      if (session === null) return
      session.transactionId = null
      session.energyWh = evse.meter.deliveredWh
      store(evse, session, rows)
    },

    /** After a restart: the transaction that the session names is not open. */
    lostTransaction: (evse: EvseRecord): void => {
      if (evse.session !== null) evse.session.transactionId = null
    },

    /** The driver became known after the start (2.x). */
    identified: (evse: EvseRecord, idToken: string, rows: StoredRecord[]): void => {
      const { session } = evse
      if (session === null || session.idToken === idToken) return
      session.idToken = idToken
      store(evse, session, rows)
    },

    /** The meter went on. Adds a row only once a minute: the samples are stored anyway. */
    counted: (evse: EvseRecord, rows: StoredRecord[]): void => {
      const { session, meter } = evse
      if (session === null || session.energyWh === meter.deliveredWh) return
      session.energyWh = meter.deliveredWh
      if (clock.now() - evse.sessionStoredAtMs >= STORE_EVERY_MS) store(evse, session, rows)
      else publish('session', session.id, session)
    },

    /** A stay that was over before we heard of it (replayed after an outage). */
    past: (evse: EvseRecord, transaction: Mutable<Transaction>, rows: StoredRecord[]): void => {
      const { startedAtMs, meterStartWh, meterStopWh } = transaction
      const endedAtMs = Math.max(startedAtMs, transaction.endedAtMs ?? startedAtMs)
      const session: Session = {
        id: newId(),
        stationId: evse.state.evse.stationId,
        evseId: evse.state.evse.evseId,
        transactionId: null,
        idToken: transaction.idToken,
        connectedAtMs: startedAtMs,
        startedAtMs,
        endedAtMs,
        energyWh:
          meterStartWh === null || meterStopWh === null
            ? 0
            : Math.max(0, meterStopWh - meterStartWh),
        need: needFor(startedAtMs),
        priority: evse.state.evse.priority,
      }
      transaction.sessionId = session.id
      rows.push({ table: 'session', row: session })
      publish('session', session.id, session)
    },

    /** What the vehicle says it needs; a driver's or operator's word stays. */
    vehicleNeed: (evse: EvseRecord, need: SessionNeed): boolean => {
      const { session } = evse
      if (session === null) return false
      if (SPOKEN_FOR.has(session.need.source)) return true
      session.need = need
      const rows: StoredRecord[] = []
      store(evse, session, rows)
      journal.note(rows)
      return true
    },

    /**
     * What the driver wants, by the API: energy over the whole session in Wh (`null` = until full)
     * and departure in ms UTC, not past. Throws `not-found`, `payload-invalid`.
     */
    setNeed: async (sessionId: string, need: SessionNeed, by: string): Promise<Session> => {
      if (need.energyWh !== null && !(need.energyWh >= 0 && need.energyWh <= 1e6)) {
        throw new AppError('payload-invalid', 'energyWh must be between 0 and 1000000, or null')
      }
      if (need.departureMs !== null && !(need.departureMs > clock.now())) {
        throw new AppError('payload-invalid', 'departure must be in the future, or null')
      }
      return await change(sessionId, by, 'session.need', need, (session) => {
        session.need = need
      })
    },

    /** Higher is served first. Throws `not-found`, `payload-invalid`. */
    setPriority: async (sessionId: string, priority: number, by: string): Promise<Session> => {
      if (!(Math.abs(priority) <= MAX_PRIORITY)) {
        throw new AppError(
          'payload-invalid',
          `priority must be between -${MAX_PRIORITY} and ${MAX_PRIORITY}`,
        )
      }
      return await change(sessionId, by, 'session.priority', { priority }, (session) => {
        session.priority = priority
      })
    },

    /** Open sessions, in the order of the EVSEs. */
    open: (): Session[] =>
      deps.evses.all().flatMap(({ session }) => (session ? [{ ...session }] : [])),

    /** All sessions, newest first. */
    list: async (filter: SessionFilter = {}): Promise<Session[]> => {
      const rows = await storage.query('session', {
        where: { stationId: filter.stationId },
        orderBy: 'connectedAtMs',
        descending: true,
        limit: filter.limit ?? 100,
        offset: filter.offset ?? 0,
      })
      return rows.map((row) => ({ ...(places.get(row.id)?.session ?? readSession(row)) }))
    },

    /** Throws `not-found`. */
    get: async (sessionId: string): Promise<Session> => {
      const open = places.get(sessionId)?.session
      if (open) return { ...open }
      const [row] = await storage.query('session', { where: { id: sessionId } })
      if (row) return readSession(row)
      throw new AppError('not-found', `there is no session "${sessionId}"`)
    },

    /** Open sessions of before a restart. One whose EVSE has lost its place is closed. */
    load: async (): Promise<void> => {
      const orphans: StoredRecord[] = []
      for (const row of await storage.query('session', { where: { endedAtMs: null } })) {
        const session = readSession(row)
        const evse = deps.stations.find(session.stationId)?.evses.get(session.evseId)
        if (!evse || evse.session) {
          orphans.push({
            table: 'session',
            row: { ...session, transactionId: null, endedAtMs: clock.now() },
          })
          continue
        }
        put(evse, session)
        startCount(evse.meter, session.energyWh)
      }
      if (orphans.length > 0) await journal.commit(orphans)
    },
  }
}

const readSession = (row: Stored<'session'>): Mutable<Session> => ({
  id: row.id,
  stationId: row.stationId ?? '',
  evseId: row.evseId ?? 0,
  transactionId: row.transactionId,
  idToken: row.idToken,
  connectedAtMs: row.connectedAtMs ?? 0,
  startedAtMs: row.startedAtMs,
  endedAtMs: row.endedAtMs,
  energyWh: row.energyWh ?? 0,
  need: row.need as SessionNeed,
  priority: row.priority ?? 0,
})

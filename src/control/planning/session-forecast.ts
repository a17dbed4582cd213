import type { EvseState } from '../../domain/evse-state.ts'
import type { Session } from '../../domain/session.ts'
import {
  createArrivalForecast,
  replayArrivals,
  type ArrivalForecast,
} from '../../engine/forecast/arrivals.ts'
import type { SiteCalendar } from '../../engine/forecast/calendar.ts'
import type { StayPool } from '../../engine/forecast/stay-pool.ts'
import {
  createStayHistory,
  type StayDefaults,
  type StayHistory,
} from '../../engine/forecast/stays.ts'
import type { Storage } from '../../ports/storage.ts'
import type { ForecastJournal } from './forecast-journal.ts'
import { arrivalOf, readPastStays } from './past-stays.ts'
import { createSessionNotes } from './session-notes.ts'

/** When vehicles will leave, what they will take, and who else will come. */
export interface SessionForecast {
  /** Takes notice of who is there: a session that is gone has ended, and is learned from. */
  readonly observe: (nowMs: number, states: readonly EvseState[]) => void
  /** Quantile of the departure, ms UTC, given that the vehicle is still there now. */
  readonly departureMs: (session: Session, nowMs: number, quantile: number) => number
  /** Quantile of the energy of the whole session, Wh, given what it has got by now. */
  readonly energyWh: (session: Session, nowMs: number, quantile: number) => number
  readonly arrivals: ArrivalForecast
  /** What a vehicle that comes then will be like. */
  readonly newcomer: (arriveMs: number) => StayPool
  /** Learns from the sessions that are stored; to be done before the first tick. */
  readonly load: (nowMs: number) => Promise<void>
}

export interface SessionForecastDeps {
  readonly calendar: SiteCalendar
  readonly storage: Storage
  /** `null` = forecasts are not written down. */
  readonly journal: ForecastJournal | null
  /** The last resort: stay and energy of which nobody knows anything. */
  readonly defaults: StayDefaults
}

/** A session that goes on, and what is compared to foresee it. */
interface Watched {
  session: Session
  key: string
  learned: number
  pool: StayPool
}

/** Pools are made again when this part of the history is new. */
const RENEW_PART = 0.05
const HOUR_MS = 3_600_000
const MOST_NEWCOMERS = 200

export const createSessionForecast = (deps: SessionForecastDeps): SessionForecast => {
  const { calendar, defaults } = deps
  const history: StayHistory = createStayHistory(calendar)
  const arrivals = createArrivalForecast(calendar)
  const notes = createSessionNotes(deps.journal)
  const watched = new Map<string, Watched>()
  const newcomers = new Map<number, { learned: number; pool: StayPool }>()
  let loadedAtMs = -Infinity

  const isOld = (learned: number): boolean =>
    history.learned() > learned + Math.max(1, RENEW_PART * learned)

  const renew = (entry: Watched, session: Session): void => {
    entry.session = session
    const key = keyOf(session)
    if (key === entry.key && !isOld(entry.learned)) return
    entry.key = key
    entry.learned = history.learned()
    entry.pool = history.pool(arrivalOf(session), defaultsOf(session, defaults))
  }

  const watch = (session: Session): Watched => {
    let entry = watched.get(session.id)
    if (!entry) {
      const pool = history.pool(arrivalOf(session), defaultsOf(session, defaults))
      entry = { session, key: keyOf(session), learned: history.learned(), pool }
      watched.set(session.id, entry)
    } else renew(entry, session)
    return entry
  }

  const end = ({ session }: Watched, nowMs: number): void => {
    watched.delete(session.id)
    const stayMs = nowMs - session.connectedAtMs
    history.learn({
      ...arrivalOf(session),
      stationId: session.stationId,
      stayMs,
      energyWh: session.energyWh,
    })
    notes.ended(session, stayMs)
  }

  return {
    observe: (nowMs, states) => {
      arrivals.advance(nowMs)
      const here = new Set<string>()
      for (const { session } of states) {
        if (session === null) continue
        here.add(session.id)
        const isNew = !watched.has(session.id)
        // A copy: the session is live, and what it was when it ended is needed afterwards.
        const { pool } = watch({ ...session })
        if (isNew && session.connectedAtMs > loadedAtMs) arrivals.arrived(session.connectedAtMs)
        notes.noted(session, nowMs, pool, history.means() ?? defaults)
      }
      for (const entry of watched.values()) if (!here.has(entry.session.id)) end(entry, nowMs)
    },
    departureMs: (session, nowMs, quantile) => {
      const elapsedMs = Math.max(0, nowMs - session.connectedAtMs)
      return Math.max(
        nowMs,
        session.connectedAtMs + watch(session).pool.stayMs(quantile, elapsedMs),
      )
    },
    energyWh: (session, nowMs, quantile) => {
      const elapsedMs = Math.max(0, nowMs - session.connectedAtMs)
      return watch(session).pool.energyWh(quantile, elapsedMs, session.energyWh)
    },
    arrivals,
    newcomer: (arriveMs) => {
      const hour = Math.floor(arriveMs / HOUR_MS)
      const known = newcomers.get(hour)
      if (known && !isOld(known.learned)) return known.pool
      if (newcomers.size >= MOST_NEWCOMERS) newcomers.clear()
      const pool = history.pool({ ...UNKNOWN, arrivedMs: (hour + 0.5) * HOUR_MS }, defaults)
      newcomers.set(hour, { learned: history.learned(), pool })
      return pool
    },
    load: async (nowMs) => {
      const { stays, arrivedMs } = await readPastStays(deps.storage, nowMs)
      for (const stay of stays) history.learn(stay)
      replayArrivals(arrivals, arrivedMs, nowMs)
      loadedAtMs = nowMs
    },
  }
}

const UNKNOWN = { stationId: null, userId: null, saidStayMs: null, saidEnergyWh: null }

/** What is assumed of this session: the need that it was given by default, if it was. */
const defaultsOf = ({ need, connectedAtMs }: Session, fallback: StayDefaults): StayDefaults => {
  if (need.source !== 'default') return fallback
  const stayMs = need.departureMs === null ? 0 : need.departureMs - connectedAtMs
  return {
    stayMs: stayMs > 0 ? stayMs : fallback.stayMs,
    energyWh: need.energyWh ?? fallback.energyWh,
  }
}

const keyOf = ({ idToken, need }: Session): string =>
  `${idToken} ${need.source} ${need.departureMs} ${need.energyWh}`

import type { ForecastRecord } from '../../engine/forecast/score.ts'
import type { Log } from '../../ports/log.ts'
import type { Storage } from '../../ports/storage.ts'

/** A forecast of which nobody knows yet what came of it. */
export type OpenForecast = Omit<ForecastRecord, 'actual'>

/** Every forecast is written down when it is made, and again with what came of it. */
export interface ForecastJournal {
  readonly note: (forecast: OpenForecast) => void
  /**
   * What came of the forecasts of a subject that were due at this time (`null` for a session, whose
   * end is not known before). `actual` NaN: it was not measured, so they are never scored.
   */
  readonly settle: (kind: string, subject: string, dueMs: number | null, actual: number) => void
  /** Brings back those of before a restart that are still open. */
  readonly load: (nowMs: number) => Promise<void>
  /** Forecasts that wait for what will come. */
  readonly open: () => number
}

/** Nothing is forecast for longer, and no session counts that is longer. */
const OPEN_FOR_MS = 8 * 86_400_000

/** @param mostOpen forecasts that may wait at a time; beyond it the oldest are not scored */
export const createForecastJournal = (
  storage: Storage,
  log: Log,
  mostOpen = 20_000,
): ForecastJournal => {
  const waiting = new Map<string, OpenForecast[]>()
  let open = 0
  let forgotten = 0

  const forget = (key: string): void => {
    open -= waiting.get(key)?.length ?? 0
    waiting.delete(key)
  }

  const bound = (nowMs: number): void => {
    for (const [key, [oldest]] of waiting) {
      const isOver = oldest.madeAtMs < nowMs - OPEN_FOR_MS
      if (!isOver && open <= mostOpen) return
      if (!isOver && forgotten++ === 0) {
        log.warn({ open }, 'too many forecasts wait for their outcome; the oldest are not scored')
      }
      forget(key)
    }
  }

  const wait = (forecast: OpenForecast): void => {
    const key = keyOf(forecast.kind, forecast.subject, dueOf(forecast))
    const others = waiting.get(key)
    if (others) others.push(forecast)
    else waiting.set(key, [forecast])
    open++
  }

  return {
    note: (forecast) => {
      wait(forecast)
      storage.append({ table: 'forecast', row: { ...forecast, actual: null } })
      bound(forecast.madeAtMs)
    },
    settle: (kind, subject, dueMs, actual) => {
      const key = keyOf(kind, subject, dueMs)
      const due = waiting.get(key)
      if (!due) return
      forget(key)
      if (!Number.isFinite(actual)) return
      for (const forecast of due) {
        storage.append({ table: 'forecast', row: { ...forecast, actual } })
      }
    },
    load: async (nowMs) => {
      const rows = await storage.query('forecast', {
        where: { actual: null },
        between: { column: 'madeAtMs', from: nowMs - OPEN_FOR_MS },
        orderBy: 'madeAtMs',
        descending: true,
        limit: mostOpen,
      })
      for (const row of rows.reverse()) {
        const { kind, subject, madeAtMs, leadS, baseline } = row
        const quantiles = row.quantiles as OpenForecast['quantiles']
        wait({ kind, subject, madeAtMs, leadS, baseline, quantiles })
      }
    },
    open: () => open,
  }
}

/** The end of the slot that it is about; `null` for the end of a session. */
const dueOf = ({ kind, madeAtMs, leadS }: OpenForecast): number | null =>
  kind === 'departure' || kind === 'energy' ? null : madeAtMs + leadS * 1000

const keyOf = (kind: string, subject: string, dueMs: number | null): string =>
  `${kind}/${subject}/${dueMs ?? ''}`

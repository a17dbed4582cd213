import type { CsvTable } from '../../domain/csv-table.ts'
import type { Site } from '../../domain/site.ts'
import type { SiteCalendar } from '../../engine/forecast/calendar.ts'
import { replayLoad, type ReplaySettings } from '../../engine/forecast/replay-load.ts'
import { replayPv } from '../../engine/forecast/replay-pv.ts'
import { replaySessions } from '../../engine/forecast/replay-sessions.ts'
import { scoreForecasts, type ForecastRecord, type ScoreRow } from '../../engine/forecast/score.ts'
import { scoreTable } from '../../engine/forecast/score-table.ts'
import { readSeriesCsv, type SeriesCsvOptions } from '../../engine/forecast/series-csv.ts'
import type { PastStay } from '../../engine/forecast/stays.ts'
import { createSlotClock } from '../../engine/forecast/slot-clock.ts'
import type { StorageReader } from '../../ports/storage.ts'
import { createBaseHistory, type PlantPast } from './base-history.ts'
import { SLOT_MS } from './base-load.ts'
import { JOURNAL_LEADS_S } from './base-recorder.ts'
import { readPastStays } from './past-stays.ts'

/** Where the forecasts to be scored come from. */
export type ForecastScoreInput =
  /** Those that the running site made and wrote down. */
  | { readonly from: 'records'; readonly storage: StorageReader }
  /** What today's models would have said of the stored readings and sessions. */
  | {
      readonly from: 'history'
      readonly storage: StorageReader
      readonly site: Site
      readonly calendar: SiteCalendar
      readonly nowMs: number
    }
  /** The same of recorded sessions, whatever file they come from (sim/backtest/sessions/read.ts). */
  | {
      readonly from: 'sessions'
      readonly sessions: readonly PastStay[]
      readonly calendar: SiteCalendar
    }
  /** The same of a metered load, or of what a PV plant gave. */
  | ({
      readonly from: 'load-csv' | 'pv-csv'
      readonly table: CsvTable
      readonly calendar: SiteCalendar
    } & SeriesCsvOptions)

/** When the forecasts were made, milliseconds UTC: from (inclusive), to (exclusive); absent = any. */
export interface ScoreRange {
  readonly fromMs?: number
  readonly toMs?: number
}

export interface ForecastScores {
  readonly rows: readonly ScoreRow[]
  /** The rows as `busbar forecast score` prints them. */
  readonly text: string
}

const REPLAY: Omit<ReplaySettings, 'subject'> = {
  leadsS: JOURNAL_LEADS_S,
  levels: [0.1, 0.5, 0.9],
  warmUpDays: 28,
  everySlots: 1,
}
/** Stored history is shorter. */
const HISTORY_WARM_UP_DAYS = 14
const SESSIONS = {
  levels: [0.2, 0.5, 0.8],
  againAfterH: [1, 4],
  warmUp: 100,
  defaults: { stayMs: 8 * 3_600_000, energyWh: 30_000 },
}

/**
 * Scores forecasts against what happened, beside a simple rule: the same time of the last week
 * (load, arrivals) or day (PV), the mean of all sessions, the driver's word. See
 * docs/reference/forecast.md.
 *
 * @throws AppError `payload-invalid` for a file that cannot be read, `storage-failed`
 */
export const forecastScore = async (
  input: ForecastScoreInput,
  range: ScoreRange = {},
): Promise<ForecastScores> => {
  const { fromMs = -Infinity, toMs = Infinity } = range
  // What replays a past lives through all of it, whatever part is asked for.
  const records = (await recordsOf(input, range)).filter(
    ({ madeAtMs }) => madeAtMs >= fromMs && madeAtMs < toMs,
  )
  const rows = scoreForecasts(records)
  return { rows, text: scoreTable(rows) }
}

const recordsOf = async (
  input: ForecastScoreInput,
  range: ScoreRange,
): Promise<ForecastRecord[]> => {
  switch (input.from) {
    case 'records':
      return recorded(input.storage, range)
    case 'history':
      return replayed(input.storage, input.site, input.calendar, input.nowMs)
    case 'sessions':
      return replaySessions(input.sessions, input.calendar, SESSIONS)
    case 'load-csv':
    case 'pv-csv': {
      const series = readSeriesCsv(input.table, input)
      const clock = createSlotClock(input.calendar, series.slotMs)
      const settings = { ...REPLAY, ...stepsOf(series.slotMs), subject: 'file' }
      return input.from === 'pv-csv'
        ? replayPv(series, clock, settings)
        : replayLoad(series, clock, settings)
    }
  }
}

/** Only leads of whole steps can be forecast; a forecast per hour is enough. */
const stepsOf = (slotMs: number): Pick<ReplaySettings, 'leadsS' | 'everySlots'> => ({
  leadsS: REPLAY.leadsS.filter((leadS) => (leadS * 1000) % slotMs === 0),
  everySlots: Math.max(1, Math.round(3_600_000 / slotMs)),
})

const recorded = async (
  storage: StorageReader,
  { fromMs, toMs }: ScoreRange,
): Promise<ForecastRecord[]> => {
  const rows = await storage.query('forecast', {
    between: { column: 'madeAtMs', from: fromMs, to: toMs },
    orderBy: 'madeAtMs',
  })
  return rows.flatMap(({ kind, subject, madeAtMs, leadS, quantiles, baseline, actual }) =>
    actual === null
      ? []
      : [
          {
            kind,
            subject,
            madeAtMs,
            leadS,
            quantiles: quantiles as ForecastRecord['quantiles'],
            baseline,
            actual,
          },
        ],
  )
}

const replayed = async (
  storage: StorageReader,
  site: Site,
  calendar: SiteCalendar,
  nowMs: number,
): Promise<ForecastRecord[]> => {
  const clock = createSlotClock(calendar, SLOT_MS)
  const history = createBaseHistory(site, storage, SLOT_MS)
  const settings = (subject: string): ReplaySettings => ({
    ...REPLAY,
    ...stepsOf(SLOT_MS),
    warmUpDays: HISTORY_WARM_UP_DAYS,
    subject,
  })
  const records: ForecastRecord[] = []
  const plants: PlantPast[] = []
  for (const load of site.loads) {
    if (load.kind !== 'pv' || load.meterId === null) continue
    const plant = await history.plant(load, nowMs)
    records.push(...replayPv(plant.given, clock, settings(load.id)))
    plants.push(plant)
  }
  for (const node of site.nodes) {
    const past = history.withoutPv(node, await history.node(node, nowMs), plants)
    const series = { startSlot: past.startSlot, values: past.rows[3] }
    records.push(...replayLoad(series, clock, settings(node.id)))
  }
  const { stays } = await readPastStays(storage, nowMs)
  return [...records, ...replaySessions(stays, calendar, SESSIONS)]
}

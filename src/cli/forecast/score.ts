import { existsSync } from 'node:fs'
import { IANAZone } from 'luxon'
import { loadConfig, type LoadedConfig } from '../../config/load.ts'
import { storagePathOf } from '../../config/storage-path.ts'
import { forecastScore, type ForecastScores } from '../../control/planning/forecast-score.ts'
import { createSiteCalendar } from '../../control/planning/site-calendar.ts'
import type { SiteCalendar } from '../../engine/forecast/calendar.ts'
import { HOLIDAY_LISTS } from '../../engine/holiday-lists.ts'
import { AppError } from '../../errors.ts'
import { pastStaysOf } from '../../sim/backtest/sessions/past-stays.ts'
import { readSessions } from '../../sim/backtest/sessions/read.ts'
import { openStoredFile, type StoredFile } from '../../storage/sqlite/read-only.ts'
import { readCsv, type CsvFormat } from '../../net/csv.ts'
import { Failure, UsageError } from '../failure.ts'
import { csvFormatOf } from '../options.ts'
import { readText } from '../read-text.ts'
import type { Terminal } from '../terminal.ts'

/** What `busbar forecast score` was asked: one of the four sources, else what was written down. */
export interface ScoreRequest extends CsvFormat {
  readonly config?: string
  readonly history?: boolean
  readonly sessions?: string
  readonly load?: string
  readonly pv?: string
  readonly timeZone?: string
  readonly holidays?: string
  readonly column?: string
  readonly year?: number
  /** Milliseconds UTC. */
  readonly from?: number
  readonly to?: number
}

type Surroundings = Pick<Terminal, 'env' | 'cwd' | 'now'>

/**
 * @throws UsageError for a request that makes no sense; Failure `unreadable`, `not-found`,
 *   `conflict`; AppError `config-invalid`, `payload-invalid`, `storage-failed`
 */
export const scoreAs = async (
  request: ScoreRequest,
  around: Surroundings,
): Promise<ForecastScores> => {
  const { from: fromMs, to: toMs, config } = request
  const range = { fromMs, toMs }
  mustMakeSense(request)
  const loaded = config === undefined ? null : loadConfig(config, around.env)
  const { sessions, load, pv } = request
  if (sessions !== undefined) {
    const { calendar, timeZone } = calendarOf(request, loaded)
    return ofFile(sessions, (text) => {
      const recorded = pastStaysOf(readSessions(text, { timeZone, format: csvFormatOf(request) }))
      return forecastScore({ from: 'sessions', sessions: recorded, calendar }, range)
    })
  }
  const series = load ?? pv
  if (series !== undefined) {
    const { calendar } = calendarOf(request, loaded)
    const year = request.year ?? new Date(around.now()).getUTCFullYear()
    const column = request.column === undefined ? {} : { column: request.column }
    const options = { calendar, offsetMs: standardOffsetMs(calendar, year), year, ...column }
    const from = load === undefined ? 'pv-csv' : 'load-csv'
    return ofFile(series, (text) =>
      forecastScore({ from, table: readCsv(text, request.decimal), ...options }, range),
    )
  }
  const site =
    loaded ?? missing('name the configuration of a site, or a file: --sessions, --load, --pv')
  const storage = openDatabase(site)
  try {
    if (!request.history) return await forecastScore({ from: 'records', storage }, range)
    const { calendar } = calendarOf(request, site)
    const nowMs = around.now()
    return await forecastScore(
      { from: 'history', storage, site: site.site, calendar, nowMs },
      range,
    )
  } finally {
    await storage.stop()
  }
}

const missing = (message: string): never => {
  throw new UsageError(message)
}

/** An option that would change nothing is not taken in silence. */
const mustMakeSense = (request: ScoreRequest): void => {
  const { from, to, history, sessions, load, pv } = request
  if (from !== undefined && to !== undefined && from >= to) missing('--from must be before --to')
  const isSeries = load !== undefined || pv !== undefined
  const isReplay = isSeries || history === true || sessions !== undefined
  const refuse = (names: readonly (keyof ScoreRequest)[], message: string): void => {
    if (names.some((name) => request[name] !== undefined)) missing(message)
  }
  if (!isReplay) {
    const why = 'the forecasts that a site wrote down were made by its own calendar'
    refuse(['timeZone', 'holidays'], `${why}; leave --time-zone and --holidays out`)
  }
  if (sessions === undefined)
    refuse(['columns', 'dates'], '--columns and --dates go with --sessions')
  if (!isSeries && sessions === undefined) refuse(['decimal'], '--decimal goes with a file')
  if (!isSeries) refuse(['column', 'year'], '--column and --year go with --load and --pv')
}

const calendarOf = (
  { timeZone, holidays }: ScoreRequest,
  loaded: LoadedConfig | null,
): { readonly calendar: SiteCalendar; readonly timeZone: string } => {
  const { site } = loaded?.config ?? {}
  const zone =
    timeZone ??
    site?.timeZone ??
    missing('say where the file is from: --time-zone Europe/Amsterdam, or a configuration')
  if (!IANAZone.isValidZone(zone)) {
    missing(`"${zone}" is not a time zone; use an IANA name like Europe/Paris`)
  }
  const list = holidays ?? site?.holidays ?? null
  const known = Object.keys(HOLIDAY_LISTS)
  if (list !== null && !known.includes(list)) {
    missing(`"${list}" is no list of holidays; there are ${known.join(', ')}`)
  }
  return { calendar: createSiteCalendar(zone, list), timeZone: zone }
}

/** Summer time is the later one, north and south. */
const standardOffsetMs = ({ offsetMs }: SiteCalendar, year: number): number =>
  Math.min(offsetMs(Date.UTC(year, 0)), offsetMs(Date.UTC(year, 6)))

/** Complaints about a line get the name of the file. */
const ofFile = async (
  file: string,
  score: (text: string) => Promise<ForecastScores>,
): Promise<ForecastScores> => {
  const text = readText(file)
  try {
    return await score(text)
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'payload-invalid') throw error
    const name = file === '-' ? 'standard input' : file
    throw new Failure(error.code, `${name}: ${error.message}`)
  }
}

const openDatabase = (loaded: LoadedConfig): StoredFile => {
  const { file } = loaded
  const path = storagePathOf(loaded)
  if (path === null) {
    throw new Failure('conflict', `${file} keeps nothing (storage.path is :memory:)`)
  }
  if (existsSync(path)) return openStoredFile(path)
  throw new Failure(
    'not-found',
    `there is no database ${path}: start Busbar with ${file} once, or correct its storage.path`,
  )
}

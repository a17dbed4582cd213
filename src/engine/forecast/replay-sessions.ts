import { createArrivalForecast, poissonQuantile } from './arrivals.ts'
import type { SiteCalendar } from './calendar.ts'
import type { ForecastRecord } from './score.ts'
import { createStayHistory, type PastStay, type StayDefaults, type StayHistory } from './stays.ts'

export interface SessionReplaySettings {
  readonly levels: readonly number[]
  /** Hours after the plug-in at which the departure is forecast again, if the vehicle is there. */
  readonly againAfterH: readonly number[]
  /** Sessions that must have ended before anything is recorded. */
  readonly warmUp: number
  readonly defaults: StayDefaults
}

const HOUR_MS = 3_600_000

/**
 * Lets the session models live through recorded sessions. Kinds: `departure` (hours of stay, at the
 * plug-in and later), `energy` (kWh), both with the mean of all sessions so far as baseline;
 * `departure-said` and `energy-said` for those of which the driver had said something, the word
 * being the baseline; `arrivals` per hour, 24 hours ahead, beside the same hour of last week.
 */
export const replaySessions = (
  sessions: readonly PastStay[],
  calendar: SiteCalendar,
  settings: SessionReplaySettings,
): ForecastRecord[] => {
  const byArrival = [...sessions].sort((a, b) => a.arrivedMs - b.arrivedMs)
  const byEnd = [...sessions].sort((a, b) => endOf(a) - endOf(b))
  const history = createStayHistory(calendar)
  const records: ForecastRecord[] = []
  let ended = 0
  for (const session of byArrival) {
    while (ended < byEnd.length && endOf(byEnd[ended]) <= session.arrivedMs) {
      history.learn(byEnd[ended++])
    }
    if (history.learned() >= settings.warmUp) {
      records.push(...forecastsOf(session, history, settings))
    }
  }
  return [...records, ...replayCounts(byArrival, calendar, settings)]
}

const endOf = ({ arrivedMs, stayMs }: PastStay): number => arrivedMs + stayMs

const forecastsOf = (
  session: PastStay,
  history: StayHistory,
  { levels, againAfterH, defaults }: SessionReplaySettings,
): ForecastRecord[] => {
  const { arrivedMs, stayMs, energyWh, saidStayMs, saidEnergyWh, stationId } = session
  const means = history.means() ?? defaults
  const pool = history.pool(session, defaults)
  const record = (
    kind: string,
    hours: number,
    valueOf: (level: number) => number,
    baseline: number,
    actual: number,
  ): ForecastRecord => ({
    kind,
    subject: stationId,
    madeAtMs: arrivedMs + hours * HOUR_MS,
    leadS: hours * 3600,
    quantiles: levels.map((level) => [level, valueOf(level)]),
    baseline,
    actual,
  })
  const found: ForecastRecord[] = []
  for (const hours of [0, ...againAfterH]) {
    const elapsedMs = hours * HOUR_MS
    if (elapsedMs > 0 && stayMs <= elapsedMs) continue
    const valueOf = (level: number): number => pool.stayMs(level, elapsedMs) / HOUR_MS
    const inHours = (ms: number): number => Math.max(ms, elapsedMs) / HOUR_MS
    found.push(record('departure', hours, valueOf, inHours(means.stayMs), stayMs / HOUR_MS))
    if (saidStayMs === null) continue
    found.push(record('departure-said', hours, valueOf, inHours(saidStayMs), stayMs / HOUR_MS))
  }
  const kWh = (level: number): number => pool.energyWh(level, 0, 0) / 1000
  found.push(record('energy', 0, kWh, means.energyWh / 1000, energyWh / 1000))
  if (saidEnergyWh !== null) {
    found.push(record('energy-said', 0, kWh, saidEnergyWh / 1000, energyWh / 1000))
  }
  return found
}

const AHEAD_H = 24
const WEEK_H = 7 * 24
const WARM_UP_H = 14 * 24

const replayCounts = (
  byArrival: readonly PastStay[],
  calendar: SiteCalendar,
  { levels }: SessionReplaySettings,
): ForecastRecord[] => {
  if (byArrival.length === 0) return []
  const forecast = createArrivalForecast(calendar)
  const firstHour = Math.floor(byArrival[0].arrivedMs / HOUR_MS)
  const hours = Math.floor(byArrival.at(-1)!.arrivedMs / HOUR_MS) - firstHour + 1
  const counts = new Int32Array(hours)
  for (const { arrivedMs } of byArrival) counts[Math.floor(arrivedMs / HOUR_MS) - firstHour]++
  const records: ForecastRecord[] = []
  for (let k = 0; k < hours; k++) {
    const nowMs = (firstHour + k) * HOUR_MS
    forecast.advance(nowMs)
    const target = k + AHEAD_H
    if (k >= WARM_UP_H && target < hours) {
      const fromMs = (firstHour + target) * HOUR_MS
      const expected = forecast.expected(nowMs, fromMs, fromMs + HOUR_MS)
      records.push({
        kind: 'arrivals',
        subject: 'site',
        madeAtMs: nowMs,
        leadS: AHEAD_H * 3600,
        quantiles: levels.map((level) => [level, poissonQuantile(expected, level)]),
        baseline: counts[target - WEEK_H],
        actual: counts[target],
      })
    }
    for (let n = 0; n < counts[k]; n++) forecast.arrived(nowMs)
  }
  return records
}

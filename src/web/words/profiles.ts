import type { ProfileRecord, Schedule } from '../wire.ts'
import type { Format } from './format.ts'

export const PURPOSE_WORDS: Readonly<Record<ProfileRecord['purpose'], string>> = {
  'station-max': 'Station maximum',
  'tx-default': 'Failsafe',
  tx: 'Transaction',
}

/** The limit of a schedule at a time; `null` before its start and after its end. */
export const limitAt = (
  { start, durationS, periods }: Schedule,
  atMs: number,
): Schedule['periods'][number] | null => {
  const afterS = (atMs - Date.parse(start)) / 1_000
  if (afterS < 0 || (durationS !== null && afterS >= durationS)) return null
  return periods.findLast(({ startS }) => startS <= afterS) ?? null
}

const limitWords = (limit: number, unit: Schedule['unit'], format: Format): string =>
  unit === 'A' ? format.current(limit) : format.power(limit)

/** `16 A, then 6 A from 17:00`. Limits that repeat are said once. */
export const scheduleWords = (schedule: Schedule, nowMs: number, format: Format): string => {
  const { unit, periods } = schedule
  const startMs = Date.parse(schedule.start)
  const present = limitAt(schedule, nowMs)
  if (!present) return nowMs < startMs ? `from ${format.moment(startMs, nowMs)}` : 'ended'
  const parts = [limitWords(present.limit, unit, format)]
  let { limit } = present
  for (const period of periods.filter(({ startS }) => startS > present.startS)) {
    if (period.limit === limit) continue
    limit = period.limit
    const atMs = startMs + period.startS * 1_000
    parts.push(`${limitWords(limit, unit, format)} from ${format.moment(atMs, nowMs)}`)
    // More than this is read in the API.
    if (parts.length === 4) break
  }
  return parts.join(', then ')
}

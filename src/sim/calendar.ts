import { DateTime } from 'luxon'
import { AppError } from '../errors.ts'
import type { ResolvedSettings } from './settings.ts'

export interface Calendar {
  readonly simStartMs: number
  readonly startOfDay: DateTime
  toSimMs(nowMs: number): number
  toRealMs(simMs: number): number
  /** Milliseconds since 1970 as a clock on the wall would count them. */
  wallMs(simMs: number): number
}

/**
 * Local time of the simulation: at `startMs` it is the date and time of the settings (or the true
 * one), and it passes `speed` times as fast. Throws `config-invalid` for an unknown time zone.
 */
export const createCalendar = (
  timeZone: string,
  settings: Pick<ResolvedSettings, 'date' | 'timeOfDay'>,
  startMs: number,
  speed: number,
): Calendar => {
  const now = DateTime.fromMillis(startMs, { zone: timeZone })
  if (!now.isValid) {
    throw new AppError('config-invalid', `site/timeZone ${timeZone} is not an IANA time zone`)
  }
  const day = settings.date ? DateTime.fromISO(settings.date, { zone: timeZone }) : now
  const [hour, minute] = (settings.timeOfDay ?? '').split(':').map(Number)
  const start =
    settings.timeOfDay === null && settings.date === null
      ? now
      : day.startOf('day').set(settings.timeOfDay === null ? {} : { hour, minute })
  const simStartMs = start.toMillis()
  let offsetMs = start.offset * 60_000
  let offsetHour = Math.floor(simStartMs / 3_600_000)
  return {
    simStartMs,
    startOfDay: start.startOf('day'),
    toSimMs: (nowMs: number) => simStartMs + (nowMs - startMs) * speed,
    toRealMs: (simMs: number) => startMs + (simMs - simStartMs) / speed,
    wallMs: (simMs: number): number => {
      const hourNow = Math.floor(simMs / 3_600_000)
      if (hourNow !== offsetHour) {
        offsetHour = hourNow
        offsetMs = DateTime.fromMillis(simMs, { zone: timeZone }).offset * 60_000
      }
      return simMs + offsetMs
    },
  }
}

import { DateTime, IANAZone } from 'luxon'
import { AppError } from '../errors.ts'

export const TIME_FORMATS = ['iso', 'epoch-s', 'epoch-ms'] as const
export type TimeFormat = (typeof TIME_FORMATS)[number]

export interface TimeOptions {
  /** `iso` (the default), `epoch-s` (seconds, also with a fraction) or `epoch-ms`. */
  readonly format?: TimeFormat
  /** IANA zone of ISO times that name no offset. */
  readonly timeZone?: string
}

/** Milliseconds UTC, or what is wrong with the value. */
export type TimeParser = (value: unknown) => number | string

/** 2000-01-01 and 2100-01-01: outside, the unit or the meter's clock is wrong. */
const EARLIEST_MS = 946_684_800_000
const LATEST_MS = 4_102_444_800_000

const HAS_OFFSET = /(Z|[+-]\d\d(:?\d\d)?)$/i

const plausible = (ms: number, value: unknown): number | string =>
  ms >= EARLIEST_MS && ms <= LATEST_MS
    ? ms
    : `time ${JSON.stringify(value)} is outside 2000 to 2100; check the format and the meter's clock`

const numeric = (value: unknown): number =>
  typeof value === 'string' && value.trim() !== '' ? Number(value) : (value as number)

const epoch =
  (msPerUnit: number): TimeParser =>
  (value) => {
    const count = numeric(value)
    if (typeof count !== 'number' || !Number.isFinite(count)) {
      return `time ${JSON.stringify(value)} is not a number`
    }
    return plausible(Math.round(count * msPerUnit), value)
  }

const iso =
  (timeZone: string | undefined): TimeParser =>
  (value) => {
    if (typeof value !== 'string') return `time ${JSON.stringify(value)} is not an ISO 8601 text`
    const text = value.trim()
    if (timeZone === undefined && !HAS_OFFSET.test(text.slice(10))) {
      return `time "${text}" has no offset from UTC; set timeZone to the meter's own`
    }
    const time = DateTime.fromISO(text, { zone: timeZone ?? 'utc' })
    return time.isValid ? plausible(time.toMillis(), text) : `time "${text}" is not ISO 8601`
  }

/**
 * @param where path of the setting, for the message
 * @throws AppError `config-invalid` for an unknown time zone
 */
export const compileTime = (where: string, options: TimeOptions): TimeParser => {
  const { format = 'iso', timeZone } = options
  if (timeZone !== undefined && !IANAZone.isValidZone(timeZone)) {
    throw new AppError(
      'config-invalid',
      `${where}/timeZone: "${timeZone}" is no IANA time zone; write it like Europe/Berlin`,
    )
  }
  switch (format) {
    case 'iso':
      return iso(timeZone)
    case 'epoch-s':
      return epoch(1000)
    case 'epoch-ms':
      return epoch(1)
  }
}

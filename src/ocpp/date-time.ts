/**
 * The one form of time that passes without repair: RFC 3339 as OCPP wants it, and nothing that
 * `Date.parse` would misread. (The usual format check of ajv takes `+03` and a space for T, which
 * `Date.parse` does not, and costs four times as much.)
 */
const STRICT =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/

/** True for a strict date-time whose day exists in its month. */
export const isDateTime = (text: string): boolean => {
  if (!STRICT.test(text)) return false
  const tens = text.charCodeAt(8)
  // Days 01 to 28 exist in every month.
  if (tens < 50 /* 2 */ || (tens === 50 && text.charCodeAt(9) < 57) /* 9 */) return true
  const day = Number(text.slice(8, 10))
  return day <= daysIn(Number(text.slice(0, 4)), Number(text.slice(5, 7)))
}

const daysIn = (year: number, month: number): number =>
  new Date(Date.UTC(year, month, 0)).getUTCDate()

const LOOSE =
  /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[Tt\s]\s*(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:[.,](\d*))?)?)?\s*(Z|UTC|GMT|[+-]\d{1,2}(?::?\d{2})?)?$/i

const BASIC = /^(\d{4})(\d\d)(\d\d)[Tt](\d\d)(\d\d)(\d\d)(?:[.,](\d*))?(Z|[+-]\d\d(?::?\d\d)?)?$/i

/** Nothing but the characters of a date: a clock that was never set, or an empty field. */
const UNSET = /^[\d\s:.,/TZ+-]*$/i

/**
 * Reads what stations write for a time: `+03`, no zone (taken as UTC), a space for T, 24:00, second
 * 60, missing seconds, Unix seconds or milliseconds. Returns milliseconds UTC; `null` when it looks
 * like a date but is none (a clock that was never set); undefined when it is something else.
 */
export const readDateTime = (value: unknown): number | null | undefined => {
  if (typeof value === 'number') return fromUnix(value) ?? null
  if (typeof value !== 'string') return undefined
  const text = value.trim()
  if (/^\d{10}$|^\d{13}$/.test(text)) return fromUnix(Number(text)) ?? null
  const match = LOOSE.exec(text) ?? BASIC.exec(text)
  const atMs = match ? fromParts(match) : undefined
  return atMs ?? (UNSET.test(text) ? null : undefined)
}

/** Up to 1e11 as seconds (the year 5138), above as milliseconds. */
const fromUnix = (value: number): number | undefined => {
  const atMs = value < 1e11 ? value * 1000 : value
  return value > 0 && atMs < 253_402_300_800_000 ? Math.trunc(atMs) : undefined
}

const fromParts = (match: RegExpExecArray): number | undefined => {
  const part = (index: number): number => Number(match[index] ?? 0)
  const [year, month, day, hour, minute] = [part(1), part(2), part(3), part(4), part(5)]
  const second = Math.min(part(6), 59)
  const inRange =
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysIn(year, month) &&
    minute < 60 &&
    part(6) <= 60
  if (!inRange || hour > 24 || (hour === 24 && minute + second > 0)) return undefined
  const milliseconds = Math.trunc(Number(`0.${match[7] || '0'}`) * 1000)
  const utcMs = Date.UTC(year, month - 1, day, hour, minute, second, milliseconds)
  const offsetMinutes = readOffset(match[8])
  return offsetMinutes === undefined ? undefined : utcMs - offsetMinutes * 60_000
}

const readOffset = (zone: string | undefined): number | undefined => {
  const match = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(zone ?? '')
  if (!match) return 0
  const [hours, minutes] = [Number(match[2]), Number(match[3] ?? 0)]
  if (hours > 23 || minutes > 59) return undefined
  return (match[1] === '-' ? -1 : 1) * (hours * 60 + minutes)
}

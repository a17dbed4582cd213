import { InvalidArgumentError } from 'commander'

/** Texts of the command line as values; what does not fit is a usage error that says what does. */

export const numberFrom =
  (min: number, max: number) =>
  (text: string): number => {
    const value = text.trim() === '' ? NaN : Number(text)
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`Give a number from ${min} to ${max}.`)
  }

export const integerFrom =
  (min: number, max: number) =>
  (text: string): number => {
    const value = /^-?\d+$/.test(text.trim()) ? Number(text) : NaN
    if (value >= min && value <= max) return value
    throw new InvalidArgumentError(`Give a whole number from ${min} to ${max}.`)
  }

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?$/i

/** Whether the calendar has the day that a time begins with: `Date.parse` moves February 30 on. */
const hasItsDay = (text: string): boolean =>
  new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === Number(text.slice(8, 10))

/** Milliseconds UTC of an ISO 8601 time; one without an offset is a time of this machine. */
export const timeMs = (text: string): number => {
  const ms = TIME.test(text) && hasItsDay(text) ? Date.parse(text) : NaN
  if (!Number.isNaN(ms)) return ms
  throw new InvalidArgumentError(
    'Give a time such as 2026-11-22T18:00, 2026-11-22T18:00:00Z or 2026-11-22T18:00+01:00.',
  )
}

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** Milliseconds of `45m`, `12h`, `30d`, `2w`. */
export const spanMs = (text: string): number => {
  const [, count, unit] = /^(\d{1,6})([smhdw])$/.exec(text.trim()) ?? []
  const ms = Number(count) * (UNIT_MS[unit] ?? NaN)
  if (ms > 0) return ms
  throw new InvalidArgumentError('Give a length of time such as 45m, 12h, 30d or 2w.')
}

/** Names with commas between them, each at most once. */
export const namesOf =
  <const V extends string>(known: readonly V[]) =>
  (text: string): V[] => {
    const names = new Set(text.split(',').map((name) => name.trim()))
    const found = known.filter((name) => names.has(name))
    if (found.length === names.size) return found
    throw new InvalidArgumentError(`Give one or more of ${known.join(', ')}, with commas between.`)
  }

/** An option that may be repeated. */
export const collect = (text: string, earlier: readonly string[] = []): string[] => [
  ...earlier,
  text,
]

/** As the profile wants it: a level of a topic without marks. */
export const eventId = (text: string): string => {
  if (/^[\w-]{1,128}$/.test(text)) return text
  throw new InvalidArgumentError('Give 1 to 128 letters, digits, - and _.')
}

export interface EvseName {
  readonly stationId: string
  /** `null` = every EVSE of the station. */
  readonly evseId: number | null
}

/** `GARAGE-1` or `GARAGE-1/2`. */
export const evseName = (text: string): EvseName => {
  const [, stationId, evse] = /^([^/]+)(?:\/(\d{1,4}))?$/.exec(text) ?? []
  if (stationId === undefined) {
    throw new InvalidArgumentError('Give STATION or STATION/EVSE, such as GARAGE-1/2.')
  }
  return { stationId, evseId: evse === undefined ? null : Number(evse) }
}

export const jsonObject = (text: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>
    }
  } catch (error) {
    throw new InvalidArgumentError(`It is not JSON: ${(error as Error).message}.`)
  }
  throw new InvalidArgumentError('Give a JSON object such as \'{"type":"Soft"}\'.')
}

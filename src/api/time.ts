/** Years 0 to 9999, as RFC 3339 writes them; station clocks and stored rows may hold anything. */
const FIRST_MS = Date.parse('0000-01-01T00:00:00Z')
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z')

/** Milliseconds UTC as text, the one form that leaves the API. */
export const iso = (atMs: number): string =>
  new Date(Math.max(FIRST_MS, Math.min(LAST_MS, atMs))).toISOString()

export const isoOrNull = (atMs: number | null): string | null => (atMs === null ? null : iso(atMs))

/** Milliseconds UTC of a time that has passed the schema. */
export const parseTime = (text: string): number => Date.parse(text)

export const parseTimeOrNull = (text: string | null): number | null =>
  text === null ? null : parseTime(text)

const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$/i

/** A time that names its offset: `2026-11-22T18:00:00+01:00`. */
export const isTime = (text: string): boolean =>
  RFC3339.test(text) && !Number.isNaN(Date.parse(text)) && hasItsDay(text)

/** Whether the calendar has the day that the text begins with: `Date.parse` moves February 30 on. */
const hasItsDay = (text: string): boolean =>
  new Date(`${text.slice(0, 10)}T00:00:00Z`).getUTCDate() === Number(text.slice(8, 10))

export interface TimeRange {
  readonly from?: number
  readonly to?: number
}

/** The times of a query as a condition for the storage. */
export const rangeOf = (query: { from?: string; to?: string }): TimeRange => ({
  ...(query.from === undefined ? {} : { from: parseTime(query.from) }),
  ...(query.to === undefined ? {} : { to: parseTime(query.to) }),
})

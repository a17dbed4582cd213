import { DateTime, IANAZone } from 'luxon'

/** A stretch of a local day during which the clock runs evenly. */
export interface Piece {
  readonly startMs: number
  readonly endMs: number
  /** What the clock shows at `startMs`, minutes from local midnight. */
  readonly wallMin: number
}

/** One day by the local clock: 23, 24 or 25 hours, in one piece or (clock change) two. */
export interface LocalDay {
  readonly startMs: number
  readonly endMs: number
  readonly year: number
  readonly month: number
  readonly day: number
  /** 1 = Monday .. 7 = Sunday. */
  readonly weekday: number
  readonly pieces: readonly Piece[]
}

const MIN_MS = 60_000

export const isTimeZone = (zone: string): boolean => IANAZone.isValidZone(zone)

/** First instant with the offset that holds at `endMs`; `startMs` has another one. */
const clockChange = (zone: IANAZone, startMs: number, endMs: number): number => {
  const after = zone.offset(endMs)
  let low = startMs
  let high = endMs
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (zone.offset(middle) === after) high = middle
    else low = middle
  }
  return high
}

const dayOf = (zone: IANAZone, start: DateTime): LocalDay => {
  const startMs = start.toMillis()
  const endMs = start.plus({ days: 1 }).startOf('day').toMillis()
  const midnightUtcMs = Date.UTC(start.year, start.month - 1, start.day)
  const piece = (fromMs: number, toMs: number): Piece => ({
    startMs: fromMs,
    endMs: toMs,
    wallMin: (fromMs + zone.offset(fromMs) * MIN_MS - midnightUtcMs) / MIN_MS,
  })
  const last = endMs - 1
  const change =
    zone.offset(startMs) === zone.offset(last) ? endMs : clockChange(zone, startMs, last)
  return {
    startMs,
    endMs,
    year: start.year,
    month: start.month,
    day: start.day,
    weekday: start.weekday,
    pieces:
      change === endMs ? [piece(startMs, endMs)] : [piece(startMs, change), piece(change, endMs)],
  }
}

/** The local days of a calendar year, in order and without gaps. */
export const localDays = (timeZone: string, year: number): LocalDay[] => {
  const zone = IANAZone.create(timeZone)
  const days: LocalDay[] = []
  let start = DateTime.fromObject({ year, month: 1, day: 1 }, { zone }).startOf('day')
  while (start.year === year) {
    const day = dayOf(zone, start)
    days.push(day)
    start = DateTime.fromMillis(day.endMs, { zone })
  }
  return days
}

/** The year by the local clock. */
export const localYear = (timeZone: string, atMs: number): number =>
  DateTime.fromMillis(atMs, { zone: timeZone }).year

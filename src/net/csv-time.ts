import { DateTime } from 'luxon'
import { badLine } from '../domain/csv-table.ts'

/** Which comes first in dates with slashes. */
export type DateOrder = 'mdy' | 'dmy'

/** Reads the times of one table. */
export interface TimeReader {
  /**
   * Milliseconds UTC.
   *
   * @param afterMs tells the two hours apart that a clock change repeats: the first one that is
   *   later; -Infinity = the first
   * @throws AppError `payload-invalid` with the line
   */
  instant(text: string, line: number, afterMs?: number): number
  /** A time of the local clock that a clock change leaves out. */
  isSkipped(text: string): boolean
}

interface Wall {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly millisecond: number
}

const CLOCK = String.raw`(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?\s*([AaPp]\.?[Mm]\.?)?)?`
const OFFSET = String.raw`\s*(Z|[+-]\d{2}(?::?\d{2})?)?`
const YEAR_FIRST = new RegExp(`^(\\d{4})([-/.])(\\d{1,2})\\2(\\d{1,2})${CLOCK}${OFFSET}$`, 'i')
const YEAR_LAST = new RegExp(`^(\\d{1,2})([/.-])(\\d{1,2})\\2(\\d{4})${CLOCK}${OFFSET}$`, 'i')

/** Milliseconds of `Z`, `+01`, `+0100`, `-07:00`. */
const offsetMsOf = (text: string): number => {
  if (/^z$/i.test(text)) return 0
  const digits = text.replace(/\D/g, '').padEnd(4, '0')
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))
  return (text.startsWith('-') ? -minutes : minutes) * 60_000
}

const hourOf = (hour: string | undefined, half: string | undefined): number => {
  if (half === undefined) return Number(hour ?? 0)
  return (Number(hour) % 12) + (/^p/i.test(half) ? 12 : 0)
}

/**
 * By all dates with slashes of the table: what is above 12 is a day, and AM and PM go with the
 * month first. Dots are day first everywhere. `null` = nothing tells, or two dates disagree.
 */
const orderOf = (texts: Iterable<string>): DateOrder | null => {
  let order: DateOrder | null = null
  for (const text of texts) {
    const match = YEAR_LAST.exec(text)
    if (!match || match[2] === '.') continue
    const [first, second] = [Number(match[1]), Number(match[3])]
    const told = first > 12 ? 'dmy' : second > 12 || match[9] !== undefined ? 'mdy' : null
    if (told !== null && order !== null && told !== order) return null
    order ??= told
  }
  return order
}

const EXAMPLE = 'write it like 2026-03-29T01:00:00Z'

/**
 * @param timeZone IANA; of times without an offset
 * @param texts all times of the table
 * @param order of dates with slashes; by default that which the dates of the table allow
 */
export const createTimeReader = (
  timeZone: string,
  texts: Iterable<string>,
  order?: DateOrder,
): TimeReader => {
  let known: DateOrder | null | undefined = order
  const isDayFirst = (line: number, text: string): boolean => {
    if (known === undefined) known = orderOf(texts)
    const told = known ?? badLine(line, `"${text}" may be day or month first; say which: --dates`)
    return told === 'dmy'
  }

  const wallOf = (text: string, line: number): { wall: Wall; offset: string | undefined } => {
    const ahead = YEAR_FIRST.exec(text)
    const match = ahead ?? YEAR_LAST.exec(text) ?? badLine(line, `"${text}" is no time; ${EXAMPLE}`)
    const [, first, separator, second, third, hour, minute, sec, fraction, half, offset] = match
    const dayFirst = !ahead && (separator === '.' || isDayFirst(line, text))
    return {
      wall: {
        year: Number(ahead ? first : third),
        month: Number(ahead || dayFirst ? second : first),
        day: Number(ahead ? third : dayFirst ? first : second),
        hour: hourOf(hour, half),
        minute: Number(minute ?? 0),
        second: Number(sec ?? 0),
        millisecond: Math.trunc(Number(`0.${fraction ?? '0'}`) * 1000),
      },
      offset,
    }
  }

  const localOf = (wall: Wall): DateTime => DateTime.fromObject(wall, { zone: timeZone })
  const isGap = (local: DateTime, { hour, minute }: Wall): boolean =>
    local.hour !== hour % 24 || local.minute !== minute

  return {
    instant(text, line, afterMs = -Infinity) {
      const { wall, offset } = wallOf(text, line)
      if (offset !== undefined) {
        const utc = DateTime.fromObject(wall, { zone: 'utc' })
        return utc.isValid
          ? utc.toMillis() - offsetMsOf(offset)
          : badLine(line, `"${text}" is no time; ${EXAMPLE}`)
      }
      const local = localOf(wall)
      if (!local.isValid) badLine(line, `"${text}" is no time; ${EXAMPLE}`)
      if (isGap(local, wall)) {
        badLine(line, `${text} does not exist in ${timeZone}: the clock skips it`)
      }
      const [early, late] = local
        .getPossibleOffsets()
        .map((time) => time.toMillis())
        .sort((a, b) => a - b)
      return late !== undefined && early <= afterMs ? late : early
    },
    isSkipped(text) {
      if (!YEAR_FIRST.test(text) && !YEAR_LAST.test(text)) return false
      const { wall, offset } = wallOf(text, 0)
      if (offset !== undefined) return false
      const local = localOf(wall)
      return local.isValid && isGap(local, wall)
    },
  }
}

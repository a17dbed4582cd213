import { DateTime } from 'luxon'
import { cellNumber, readCsv } from '../../net/csv.ts'
import {
  refuse,
  toSegments,
  UNIT_NAMES,
  unitFactor,
  type PriceDocument,
  type RawInterval,
} from './intervals.ts'

const WITH_OFFSET = /(?:Z|[+-]\d{2}:?\d{2})$/i

/** Names of the value column, and the unit that each implies. */
const VALUE_COLUMNS: Readonly<Record<string, string | null>> = {
  price: null,
  value: null,
  price_per_kwh: 'currency/kWh',
  price_per_mwh: 'currency/MWh',
  cent_per_kwh: 'cent/kWh',
  grams_per_kwh: 'g/kWh',
}

interface Header {
  readonly start: number
  readonly end: number
  readonly value: number
  readonly unit: string | null
}

const headerOf = (names: readonly string[]): Header => {
  const value = names.findIndex((name) => name in VALUE_COLUMNS)
  const start = names.findIndex((name) => name === 'start' || name === 'time')
  if (start < 0) refuse('line 1: there is no column "start" (begin of the interval, ISO 8601)')
  if (value < 0) {
    refuse(`line 1: there is no price column; name it ${Object.keys(VALUE_COLUMNS).join(', ')}`)
  }
  return { start, end: names.indexOf('end'), value, unit: VALUE_COLUMNS[names[value]] }
}

/** A time of the local clock that a change of the clock leaves out. */
const isSkipped = (text: string, timeZone: string): boolean => {
  if (WITH_OFFSET.test(text)) return false
  const wall = text.replace(' ', 'T')
  const local = DateTime.fromISO(wall, { zone: timeZone })
  return local.isValid && local.toFormat("yyyy-MM-dd'T'HH:mm") !== wall.slice(0, 16)
}

/**
 * An instant; without an offset by the clock of the zone, the repeated hour of a clock change told
 * apart by the row before it.
 */
const instantOf = (text: string, timeZone: string, afterMs: number, where: string): number => {
  if (WITH_OFFSET.test(text)) {
    const ms = Date.parse(text)
    return Number.isNaN(ms) ? refuse(`${where}: "${text}" is no time`) : ms
  }
  const wall = text.replace(' ', 'T')
  const local = DateTime.fromISO(wall, { zone: timeZone })
  if (!local.isValid) refuse(`${where}: "${text}" is no time; write 2026-03-29T01:00Z`)
  if (wall.length >= 16 && local.toFormat("yyyy-MM-dd'T'HH:mm") !== wall.slice(0, 16)) {
    refuse(`${where}: ${text} does not exist in ${timeZone}: the clock skips it`)
  }
  const [early, late] = local
    .getPossibleOffsets()
    .map((time) => time.toMillis())
    .sort((a, b) => a - b)
  return late !== undefined && early <= afterMs ? late : early
}

/**
 * Reads day-ahead prices from CSV. First row: names. `start` (or `time`): begin of the interval,
 * ISO 8601 with offset, or without one by the clock of `timeZone` and then ascending; `end`:
 * optional; `price` in the given unit, or `price_per_kwh`, `price_per_mwh`, `cent_per_kwh`,
 * `grams_per_kwh`; empty, `n/e` or `-` = not known. Comma, semicolon or tab; `#` begins a remark.
 *
 * @throws AppError `payload-invalid` with the line
 */
export const readPriceCsv = (text: string, timeZone: string, unit: string): PriceDocument => {
  const { names, rows } = readCsv(text)
  const header = headerOf(names)
  const raw: RawInterval[] = []
  let afterMs = -Infinity
  for (const { line, cells } of rows) {
    const where = `line ${line}`
    const value = cellNumber(cells[header.value], line)
    const start = cells[header.start] ?? ''
    // Exports list the hour that a clock change skips, too: without a price it means nothing.
    if (value === null && isSkipped(start, timeZone)) continue
    const startMs = instantOf(start, timeZone, afterMs, where)
    const end = header.end < 0 ? '' : (cells[header.end] ?? '')
    raw.push({
      startMs,
      endMs: end === '' ? null : instantOf(end, timeZone, startMs, where),
      value,
      where,
    })
    afterMs = startMs
  }
  const factor = unitFactor(header.unit ?? unit)
  if (factor === null) return refuse(`unit "${unit}" is unknown; there are ${UNIT_NAMES}`)
  return {
    kind: header.unit === 'g/kWh' ? 'carbon' : null,
    currency: null,
    segments: toSegments(raw, factor),
  }
}

import { DateTime } from 'luxon'
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
  readonly separator: string
  readonly start: number
  readonly end: number
  readonly value: number
  readonly unit: string | null
}

/** Cells without the quotes that spreadsheets put around them; no price or time holds a separator. */
const cellsOf = (line: string, separator: string): string[] =>
  line.split(separator).map((cell) =>
    cell
      .trim()
      .replace(/^"(.*)"$/, '$1')
      .trim(),
  )

const headerOf = (text: string): Header => {
  const separator = [';', '\t', ','].find((candidate) => text.includes(candidate)) ?? ','
  const names = cellsOf(text, separator).map((name) => name.toLowerCase())
  const value = names.findIndex((name) => name in VALUE_COLUMNS)
  const start = names.findIndex((name) => name === 'start' || name === 'time')
  if (start < 0) refuse('line 1: there is no column "start" (begin of the interval, ISO 8601)')
  if (value < 0) {
    refuse(`line 1: there is no price column; name it ${Object.keys(VALUE_COLUMNS).join(', ')}`)
  }
  return { separator, start, end: names.indexOf('end'), value, unit: VALUE_COLUMNS[names[value]] }
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
 * `grams_per_kwh`; empty = not known. Comma, semicolon (then with decimal comma) or tab; `#` begins
 * a remark.
 *
 * @throws AppError `payload-invalid` with the line
 */
export const readPriceCsv = (text: string, timeZone: string, unit: string): PriceDocument => {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  const header = headerOf(lines[0] ?? '')
  const raw: RawInterval[] = []
  let afterMs = -Infinity
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i].trim()
    if (line === '' || line.startsWith('#')) continue
    const where = `line ${i + 1}`
    const cells = cellsOf(line, header.separator)
    const startMs = instantOf(cells[header.start] ?? '', timeZone, afterMs, where)
    const end = header.end < 0 ? '' : (cells[header.end] ?? '')
    const number = cells[header.value] ?? ''
    const value = Number(header.separator === ';' ? number.replace(',', '.') : number)
    if (Number.isNaN(value)) refuse(`${where}: "${number}" is no number`)
    raw.push({
      startMs,
      endMs: end === '' ? null : instantOf(end, timeZone, startMs, where),
      value: number === '' ? null : value,
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

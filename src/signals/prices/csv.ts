import { cellNumber } from '../../domain/csv-table.ts'
import { readCsv } from '../../net/csv.ts'
import { createTimeReader } from '../../net/csv-time.ts'
import {
  refuse,
  toSegments,
  UNIT_NAMES,
  unitFactor,
  type PriceDocument,
  type RawInterval,
} from './intervals.ts'

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

/**
 * Reads day-ahead prices from CSV. First row: names. `start` (or `time`): begin of the interval,
 * any form of `createTimeReader`; without an offset by the clock of `timeZone` and ascending; `end`:
 * optional; `price` in the given unit, or `price_per_kwh`, `price_per_mwh`, `cent_per_kwh`,
 * `grams_per_kwh`; empty, `n/e` or `-` = not known. Comma, semicolon or tab; `#` begins a remark.
 *
 * @throws AppError `payload-invalid` with the line
 */
export const readPriceCsv = (text: string, timeZone: string, unit: string): PriceDocument => {
  const table = readCsv(text)
  const { names, rows } = table
  const header = headerOf(names)
  const startOf = (cells: readonly string[]): string => cells[header.start] ?? ''
  const times = createTimeReader(
    timeZone,
    rows.map(({ cells }) => startOf(cells)),
  )
  const raw: RawInterval[] = []
  let afterMs = -Infinity
  for (const { line, cells } of rows) {
    const where = `line ${line}`
    const value = cellNumber(table, cells[header.value], line)
    const start = startOf(cells)
    // Exports list the hour that a clock change skips, too: without a price it means nothing.
    if (value === null && times.isSkipped(start)) continue
    const startMs = times.instant(start, line, afterMs)
    const end = header.end < 0 ? '' : (cells[header.end] ?? '')
    raw.push({
      startMs,
      endMs: end === '' ? null : times.instant(end, line, startMs),
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

import { DateTime } from 'luxon'
import type { PriceSegment, PriceSeries } from '../domain/price.ts'
import { AppError } from '../errors.ts'
import { cellNumber, readCsv, type CsvRow } from '../net/csv.ts'
import type { MeteredSeries } from './meter.ts'

export interface MeterCsv {
  readonly metered: MeteredSeries
  /** From a `spot` column; `null` when there is none. */
  readonly spot: PriceSeries | null
}

const MAX_ROWS = 5_000_000
const HOUR_MS = 3_600_000
const WITH_OFFSET = /(?:Z|[+-]\d{2}:?\d{2})$/i

/** Column names, and what one unit is: Wh per step, or W (times the hours of a step). */
const COLUMNS: Readonly<
  Record<string, { flow: 'import' | 'export'; unit: number; power: boolean }>
> = Object.fromEntries(
  (['import', 'export'] as const).flatMap((flow) => [
    [`${flow}_wh`, { flow, unit: 1, power: false }],
    [`${flow}_kwh`, { flow, unit: 1000, power: false }],
    [`${flow}_w`, { flow, unit: 1, power: true }],
    [`${flow}_kw`, { flow, unit: 1000, power: true }],
  ]),
)

interface Header {
  readonly time: number
  readonly columns: readonly {
    index: number
    flow: 'import' | 'export'
    unit: number
    power: boolean
  }[]
  readonly spot: number
}

const bad = (line: number, message: string): never => {
  throw new AppError('payload-invalid', `line ${line}: ${message}`)
}

const headerOf = (names: readonly string[]): Header => {
  const time = names.findIndex((name) => name === 'time' || name === 'start')
  const columns = names.flatMap((name, index) =>
    name in COLUMNS ? [{ index, ...COLUMNS[name] }] : [],
  )
  if (time < 0) bad(1, 'there is no column "time" (begin of the step, ISO 8601)')
  for (const flow of ['import', 'export'] as const) {
    if (columns.filter((column) => column.flow === flow).length > 1) {
      bad(1, `${flow} is given twice; keep one of ${flow}_wh, ${flow}_kwh, ${flow}_w, ${flow}_kw`)
    }
  }
  if (!columns.some(({ flow }) => flow === 'import')) {
    bad(1, 'there is no import column; name one import_kwh, import_wh, import_kw or import_w')
  }
  return { time, columns, spot: names.indexOf('spot') }
}

/**
 * An instant from ISO 8601 text; without an offset by the clock of the zone. The hour that a clock
 * change repeats is told apart by the order of the rows.
 */
const instantOf = (text: string, timeZone: string, afterMs: number, line: number): number => {
  if (WITH_OFFSET.test(text)) {
    const ms = Date.parse(text)
    return Number.isNaN(ms) ? bad(line, `"${text}" is no time; write 2026-03-29T01:00:00Z`) : ms
  }
  const local = DateTime.fromISO(text.replace(' ', 'T'), { zone: timeZone })
  if (!local.isValid) bad(line, `"${text}" is no time; write 2026-03-29T01:00 or add the offset`)
  const wall = text.replace(' ', 'T').slice(0, 16)
  if (wall.length === 16 && local.toFormat("yyyy-MM-dd'T'HH:mm") !== wall) {
    bad(line, `${text} does not exist in ${timeZone}: the clock skips it`)
  }
  const [early, late] = local
    .getPossibleOffsets()
    .map((time) => time.toMillis())
    .sort((a, b) => a - b)
  return late !== undefined && early <= afterMs ? late : early
}

interface Row {
  readonly atMs: number
  readonly line: number
  readonly values: readonly number[]
  readonly spot: number
}

/** Downloads often begin with the latest row. */
const isDescending = (rows: readonly CsvRow[], { time }: Header): boolean => {
  const [first, last] = [rows[0]?.cells[time] ?? '', rows.at(-1)?.cells[time] ?? '']
  return Date.parse(first.replace(' ', 'T')) > Date.parse(last.replace(' ', 'T'))
}

const rowsOf = (table: readonly CsvRow[], header: Header, timeZone: string): Row[] => {
  const rows: Row[] = []
  let afterMs = -Infinity
  const ordered = isDescending(table, header) ? [...table].reverse() : table
  for (const { line, cells } of ordered) {
    const atMs = instantOf(cells[header.time] ?? '', timeZone, afterMs, line)
    if (atMs <= afterMs) bad(line, 'the times must ascend; this one does not come after the last')
    afterMs = atMs
    rows.push({
      atMs,
      line,
      values: header.columns.map(({ index }) => cellNumber(cells[index], line) ?? NaN),
      spot: header.spot < 0 ? NaN : (cellNumber(cells[header.spot], line) ?? NaN),
    })
    if (rows.length > MAX_ROWS) bad(line, `more than ${MAX_ROWS} rows; price shorter stretches`)
  }
  if (rows.length < 2) {
    bad(table.length + 1, 'at least two rows are needed to know the length of a step')
  }
  return rows
}

const joinSpot = (rows: readonly Row[], stepMs: number): PriceSegment[] => {
  const segments: PriceSegment[] = []
  for (const { atMs, spot } of rows) {
    if (Number.isNaN(spot)) continue
    const last = segments.at(-1)
    if (last && last.endMs === atMs && last.value === spot) {
      segments[segments.length - 1] = { ...last, endMs: atMs + stepMs }
    } else segments.push({ startMs: atMs, endMs: atMs + stepMs, value: spot })
  }
  return segments
}

/**
 * Reads metered energy from CSV. First row: names. `time` (or `start`): begin of each step, ISO
 * 8601 with offset, or without one by the tariff's clock. `import_kwh`, `import_wh`, `import_kw` or
 * `import_w`, and the same for `export`: energy of the step or mean power in it; empty,
 * `null` or `NaN` = not recorded. `spot`: market price, currency per kWh. Separated by comma,
 * semicolon or tab; `#` begins a remark. Rows ascend or descend; the shortest distance is the step,
 * a missing row is a gap.
 *
 * @throws AppError `payload-invalid` with the line
 */
export const readMeterCsv = (text: string, timeZone: string, currency: string): MeterCsv => {
  const table = readCsv(text)
  const header = headerOf(table.names)
  const rows = rowsOf(table.rows, header, timeZone)
  let stepMs = Infinity
  for (let i = 1; i < rows.length; i++) stepMs = Math.min(stepMs, rows[i].atMs - rows[i - 1].atMs)
  const startMs = rows[0].atMs
  const steps = (rows.at(-1)!.atMs - startMs) / stepMs + 1
  if (steps > MAX_ROWS) bad(rows[0].line, 'the times are too far apart for the shortest step')
  const series = {
    import: new Float64Array(Math.ceil(steps)).fill(NaN),
    export: new Float64Array(Math.ceil(steps)).fill(NaN),
  }
  for (const row of rows) {
    const step = (row.atMs - startMs) / stepMs
    if (!Number.isInteger(step)) {
      bad(row.line, `is not on the grid of ${stepMs / 1000} s steps that the other rows are on`)
    }
    for (const [k, { flow, unit, power }] of header.columns.entries()) {
      series[flow][step] = row.values[k] * unit * (power ? stepMs / HOUR_MS : 1)
    }
  }
  const hasExport = header.columns.some(({ flow }) => flow === 'export')
  return {
    metered: {
      startMs,
      stepS: stepMs / 1000,
      importWh: series.import,
      ...(hasExport ? { exportWh: series.export } : {}),
    },
    spot:
      header.spot < 0
        ? null
        : { sourceId: 'csv', kind: 'import', currency, segments: joinSpot(rows, stepMs) },
  }
}

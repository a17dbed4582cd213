import { badLine as bad, cellNumber, type CsvRow, type CsvTable } from '../domain/csv-table.ts'
import type { PriceSegment, PriceSeries } from '../domain/price.ts'
import { findColumns, type ColumnMap } from '../net/csv-columns.ts'
import { readCsv, type CsvFormat } from '../net/csv.ts'
import { createTimeReader, type TimeReader } from '../net/csv-time.ts'
import type { MeteredSeries } from './meter.ts'

export interface MeterCsv {
  readonly metered: MeteredSeries
  /** From a `spot` column; `null` when there is none. */
  readonly spot: PriceSeries | null
}

const MAX_ROWS = 5_000_000
const HOUR_MS = 3_600_000

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

const NAMES: Readonly<Record<string, readonly string[]>> = {
  time: ['time', 'start'],
  ...Object.fromEntries(Object.keys(COLUMNS).map((name) => [name, [name]])),
  spot: ['spot'],
}

const headerOf = (table: CsvTable, map: ColumnMap | undefined): Header => {
  const at = findColumns(table, NAMES, [], map)
  const columns = Object.entries(COLUMNS).flatMap(([name, column]) =>
    at[name] < 0 ? [] : [{ index: at[name], ...column }],
  )
  for (const flow of ['import', 'export'] as const) {
    if (columns.filter((column) => column.flow === flow).length > 1) {
      bad(1, `${flow} is given twice; keep one of ${flow}_wh, ${flow}_kwh, ${flow}_w, ${flow}_kw`)
    }
  }
  const hasImport = columns.some(({ flow }) => flow === 'import')
  const missing = [
    ...(at.time < 0 ? ['"time" (start of the step)'] : []),
    ...(hasImport ? [] : ['"import_kwh" (or import_wh, import_kw, import_w)']),
  ]
  if (missing.length > 0) {
    bad(
      1,
      `there is no column ${missing.join(' and none ')}; the file has ${table.names.join(', ')}.` +
        ' Say which they are: --columns time=NAME,import_kwh=NAME',
    )
  }
  return { time: at.time, columns, spot: at.spot }
}

interface Row {
  readonly atMs: number
  readonly line: number
  readonly values: readonly number[]
  readonly spot: number
}

/** Downloads often begin with the latest row. */
const isDescending = (rows: readonly CsvRow[], header: Header, times: TimeReader): boolean => {
  const [first, last] = [rows[0], rows.at(-1)]
  if (!first || !last || first === last) return false
  const atMs = ({ cells, line }: CsvRow): number => times.instant(cells[header.time] ?? '', line)
  return atMs(first) > atMs(last)
}

const rowsOf = (table: CsvTable, header: Header, times: TimeReader): Row[] => {
  const rows: Row[] = []
  let afterMs = -Infinity
  const ordered = isDescending(table.rows, header, times) ? [...table.rows].reverse() : table.rows
  for (const { line, cells } of ordered) {
    const atMs = times.instant(cells[header.time] ?? '', line, afterMs)
    if (atMs <= afterMs) bad(line, 'the times must ascend; this one does not come after the last')
    afterMs = atMs
    rows.push({
      atMs,
      line,
      values: header.columns.map(({ index }) => cellNumber(table, cells[index], line) ?? NaN),
      spot: header.spot < 0 ? NaN : (cellNumber(table, cells[header.spot], line) ?? NaN),
    })
    if (rows.length > MAX_ROWS) bad(line, `more than ${MAX_ROWS} rows; price shorter stretches`)
  }
  if (rows.length < 2) {
    bad(table.rows.length + 1, 'at least two rows are needed to know the length of a step')
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
 * Reads metered energy from CSV. First row: names. `time` (or `start`): start of each step, in any
 * form of `createTimeReader`, without an offset by the tariff's clock. `import_kwh`, `import_wh`, `import_kw` or
 * `import_w`, and the same for `export`: energy of the step or mean power in it; empty,
 * `null` or `NaN` = not recorded. `spot`: market price, currency per kWh. Separated by comma,
 * semicolon or tab; `#` begins a remark. Rows ascend or descend; the shortest distance is the step,
 * a missing row is a gap.
 *
 * @throws AppError `payload-invalid` with the line
 */
export const readMeterCsv = (
  text: string,
  timeZone: string,
  currency: string,
  format: CsvFormat = {},
): MeterCsv => {
  const table = readCsv(text, format.decimal)
  const header = headerOf(table, format.columns)
  const texts = table.rows.map(({ cells }) => cells[header.time] ?? '')
  const rows = rowsOf(table, header, createTimeReader(timeZone, texts, format.dates))
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

import { DateTime } from 'luxon'
import { badLine, requiredNumber } from '../../../domain/csv-table.ts'
import { readCsv, type CsvFormat } from '../../../net/csv.ts'
import { createTimeReader } from '../../../net/csv-time.ts'
import { columnsOf, type ColumnName } from './columns.ts'
import type { RecordedSession } from './recorded.ts'

export interface ReadOptions {
  /** IANA zone: of times without an offset, and of the day on which steps begin. */
  readonly timeZone: string
  /** What step 0 stands for where times are counted in steps; else it is read off the ids. */
  readonly originMs?: number
  readonly format?: CsvFormat
}

type Cell = (column: ColumnName) => string

const STEP_MS = 300_000
/** ACN-Data ids end in the UTC time of the connection. */
const TIME_IN_ID = /(\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})(?:\.\d+)?$/

/** Local midnight before step 0, from the id of a session that arrived in `step`. */
const originOf = (id: string, step: number, timeZone: string, line: number): number => {
  const match = TIME_IN_ID.exec(id)
  if (!match) {
    return badLine(
      line,
      `arrival is in steps, and "${id}" does not end in a time; say what step 0 is`,
    )
  }
  const connectedMs = Date.parse(`${match[1].replace(' ', 'T')}Z`)
  return DateTime.fromMillis(connectedMs - step * STEP_MS, { zone: timeZone })
    .startOf('day')
    .toMillis()
}

/**
 * Reads recorded sessions from CSV: Busbar's own export, ACN-Data with times or in steps of five
 * minutes, other known exports, or any file by `format.columns` (see docs/guides/backtest.md). What a driver said counts only where
 * `claimed`, if there is such a column, is not false. Sessions come in the order of arrival.
 *
 * @throws AppError `payload-invalid` with the line and what to do
 */
export const readSessions = (
  text: string,
  { timeZone, originMs, format = {} }: ReadOptions,
): RecordedSession[] => {
  const csv = readCsv(text, format.decimal)
  if (csv.rows.length === 0) badLine(1, 'the file needs a row of names and rows of values')
  const { at, inSteps } = columnsOf(csv, format.columns)
  const timeColumns = [at.connected, at.ended, at.saidDeparture]
  const times = createTimeReader(
    timeZone,
    csv.rows.flatMap(({ cells }) => timeColumns.map((index) => cells[index] ?? '')),
    format.dates,
  )
  let zeroMs = originMs ?? null

  const sessionOf = (cell: Cell, line: number): RecordedSession => {
    const id = cell('id') || `line ${line}`
    const timeOf = (column: 'connected' | 'ended', afterMs?: number): number => {
      if (!inSteps) return times.instant(cell(column), line, afterMs)
      const step = requiredNumber(csv, cell(column), line, `step of "${column}"`)
      zeroMs ??= originOf(id, step, timeZone, line)
      return zeroMs + step * STEP_MS
    }
    const connectedMs = timeOf('connected')
    const endedMs = timeOf('ended', connectedMs)
    if (endedMs < connectedMs) badLine(line, 'the session ends before it begins')
    const energyWh = 1000 * requiredNumber(csv, cell('energy'), line, 'energy in kWh')
    if (energyWh < 0) badLine(line, 'the energy must be 0 or more')
    if (cell('station') === '') badLine(line, 'the station is not named')
    const isSaid = cell('claimed').toLowerCase() !== 'false'
    const said = (column: 'saidEnergy' | 'saidDeparture'): string => (isSaid ? cell(column) : '')
    const [energy, departure] = [said('saidEnergy'), said('saidDeparture')]
    return {
      id,
      station: cell('station'),
      user: cell('user') || null,
      connectedMs,
      endedMs,
      energyWh,
      saidEnergyWh:
        energy === '' ? null : 1000 * requiredNumber(csv, energy, line, 'energy the driver said'),
      saidDepartureMs: departure === '' ? null : times.instant(departure, line),
      line,
    }
  }

  return csv.rows
    .map(({ cells, line }) => sessionOf((column) => cells[at[column]] ?? '', line))
    .sort((a, b) => a.connectedMs - b.connectedMs || a.line - b.line)
}

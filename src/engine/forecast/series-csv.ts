import { badLine, cellNumber, type CsvTable } from '../../domain/csv-table.ts'
import { createSlotMeans, type SlotSeries } from './slot-means.ts'

export interface SeriesCsvOptions {
  /** Time of the file less UTC, where its times have no offset: standard time all year. */
  readonly offsetMs: number
  /** The year, where its times have none. */
  readonly year: number
  /** Name of the column; absent = the first after the time. */
  readonly column?: string
}

export interface MeteredSlots extends SlotSeries {
  readonly slotMs: number
}

const LEAST_SLOT_MS = 900_000
const MOST_SLOT_MS = 3_600_000
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

/**
 * Reads a metered power from CSV, one row per step: ISO 8601 times (begin of the step), those of
 * EnergyPlus (`01/31  24:00:00`: end of the hour) and of SAM (`Jan 1, 12:30 am`). Values are watts,
 * or kilowatts where the name of the column says kW. Steps shorter than a quarter hour are
 * averaged; longer than an hour they are refused.
 *
 * @throws AppError `payload-invalid` with the line
 */
export const readSeriesCsv = (table: CsvTable, options: SeriesCsvOptions): MeteredSlots => {
  const { names, rows } = table
  if (rows.length === 0) badLine(1, 'the file needs a row of names and rows of values')
  const column = columnOf(names, options.column)
  const unit = /kw/i.test(names[column]) ? 1000 : 1
  const times = rows.map(({ cells, line }) => timeOf(cells[0] ?? '', line, options))
  const isEnd = ENERGY_PLUS.test(rows[0].cells[0] ?? '')
  let stepMs = Infinity
  for (let k = 1; k < times.length; k++) {
    if (times[k] <= times[k - 1]) badLine(rows[k].line, 'the times must ascend')
    stepMs = Math.min(stepMs, times[k] - times[k - 1])
  }
  if (!(stepMs <= MOST_SLOT_MS)) badLine(rows[0].line, 'a step may be an hour at most')
  const slotMs = Math.max(LEAST_SLOT_MS, stepMs)
  if (MOST_SLOT_MS % slotMs !== 0) badLine(rows[0].line, 'the steps must divide an hour')
  const means = createSlotMeans(slotMs, stepMs)
  rows.forEach(({ cells, line }, k) => {
    const value = (cellNumber(table, cells[column], line) ?? Number.NaN) * unit
    means.add(times[k] - (isEnd ? stepMs : 0), value)
  })
  return { ...means.series(), slotMs }
}

const columnOf = (names: readonly string[], wanted: string | undefined): number => {
  if (wanted === undefined) return names.length > 1 ? 1 : badLine(1, 'there is no second column')
  const found = names.findIndex((name) => name.toLowerCase() === wanted.toLowerCase())
  return found >= 0
    ? found
    : badLine(1, `there is no column "${wanted}"; there are ${names.join(', ')}`)
}

const ENERGY_PLUS = /^\s*(\d{2})\/(\d{2})\s+(\d{2}):(\d{2}):(\d{2})$/
const SAM = /^([a-z]{3}) (\d{1,2}), (\d{1,2}):(\d{2}) ([ap])m$/i
const WITH_OFFSET = /(?:Z|[+-]\d{2}:?\d{2})$/i

const timeOf = (text: string, line: number, { year, offsetMs }: SeriesCsvOptions): number => {
  const hours = ENERGY_PLUS.exec(text)
  if (hours) {
    const [month, day, hour, minute, second] = hours.slice(1).map(Number)
    return Date.UTC(year, month - 1, day, hour, minute, second) - offsetMs
  }
  const words = SAM.exec(text)
  if (words) {
    const month = MONTHS.indexOf(words[1].toLowerCase())
    const hour = (Number(words[3]) % 12) + (words[5].toLowerCase() === 'p' ? 12 : 0)
    return Date.UTC(year, month, Number(words[2]), hour, Number(words[4])) - offsetMs
  }
  const iso = text.replace(' ', 'T')
  const ms = Date.parse(WITH_OFFSET.test(iso) ? iso : `${iso}Z`)
  if (Number.isNaN(ms)) badLine(line, `"${text}" is no time; write it like 2026-03-29T01:00:00Z`)
  return WITH_OFFSET.test(iso) ? ms : ms - offsetMs
}

import { expect, test } from 'vitest'
import { readCsv } from '../../../../src/net/csv.ts'
import {
  readSeriesCsv as readSeries,
  type SeriesCsvOptions,
} from '../../../../src/engine/forecast/series-csv.ts'
import { HOUR_MS } from './calendars.ts'

const STANDARD = { offsetMs: -8 * HOUR_MS, year: 2017 }

const readSeriesCsv = (text: string, options: SeriesCsvOptions) =>
  readSeries(readCsv(text), options)

test('a load by EnergyPlus: hours are named by their end', () => {
  const series = readSeriesCsv(
    'Date/Time,Electricity:Facility [kW](Hourly)\n' +
      ' 01/01  01:00:00,33.5\n 01/01  02:00:00,34\n 01/01  24:00:00,5\n',
    STANDARD,
  )
  expect(series.slotMs).toBe(HOUR_MS)
  expect(series.startSlot * HOUR_MS).toBe(Date.UTC(2017, 0, 1, 8))
  expect([...series.values.subarray(0, 3), series.values[23]]).toEqual([33_500, 34_000, NaN, 5_000])
})

test('PV by SAM: half hours are named by their begin', () => {
  const series = readSeriesCsv(
    '"Time stamp","Array DC power | (kW)"\n"Jan 1, 12:00 am",0\n"Jan 1, 12:30 am",0\n' +
      '"Jan 1, 01:00 am",1.5\n"Jan 1, 12:00 pm",99\n',
    STANDARD,
  )
  expect(series.slotMs).toBe(HOUR_MS / 2)
  expect(series.startSlot * series.slotMs).toBe(Date.UTC(2017, 0, 1, 8))
  expect([series.values[2], series.values[24]]).toEqual([1_500, 99_000])
})

test('minutes become quarter hours; a column by its name', () => {
  const rows = Array.from({ length: 45 }, (_, k) => {
    const time = new Date(Date.UTC(2026, 0, 1, 0, k)).toISOString()
    return `${time},x,${k < 15 ? 1 : k}`
  })
  const series = readSeriesCsv(`time,note,grid_w\n${rows.join('\n')}`, {
    ...STANDARD,
    column: 'Grid_W',
  })
  expect(series.slotMs).toBe(900_000)
  expect([...series.values]).toEqual([1, 22, 37])
})

test.each([
  ['time,w\nsoon,1\nlater,2', 'line 2: "soon" is no time'],
  ['time,w\n2026-01-01T00:00Z,1\n2026-01-01T00:00Z,2', 'line 3: the times must ascend'],
  ['time,w\n2026-01-01T00:00Z,1\n2026-01-01T03:00Z,2', 'line 2: a step may be an hour'],
  ['time,w\n2026-01-01T00:00Z,1\n2026-01-01T00:25Z,2', 'line 2: the steps must divide an hour'],
  ['time\n1\n2', 'line 1: there is no second column'],
])('series that cannot be read: %j', (text, message) => {
  expect(() => readSeriesCsv(text, STANDARD)).toThrow(message)
})

test('a column that is not there', () => {
  const options = { ...STANDARD, column: 'kw' }
  expect(() => readSeriesCsv('time,w\n2026-01-01T00:00Z,1', options)).toThrow('there are time, w')
})

import { describe, expect, test } from 'vitest'
import { readMeterCsv } from '../../../src/tariffs/meter-csv.ts'

const read = (text: string) => readMeterCsv(text, 'Europe/Berlin', 'EUR')

test('energy per step, with export and market price', () => {
  const { metered, spot } = read(
    [
      'time,import_kwh,export_kwh,spot',
      '2026-01-01T00:00Z,1.5,0,0.10',
      '2026-01-01T00:15Z,2,0.25,0.10',
      '# a remark',
      '2026-01-01T00:30Z,0,1,-0.02',
      '',
    ].join('\n'),
  )
  expect(metered).toEqual({
    startMs: Date.parse('2026-01-01T00:00Z'),
    stepS: 900,
    importWh: Float64Array.from([1500, 2000, 0]),
    exportWh: Float64Array.from([0, 250, 1000]),
  })
  expect(spot?.segments.map(({ startMs, endMs, value }) => [endMs - startMs, value])).toEqual([
    [1_800_000, 0.1],
    [900_000, -0.02],
  ])
})

test.each([
  ['import_wh', 250],
  ['import_kwh', 250_000],
  ['import_w', 62.5],
  ['import_kw', 62_500],
])('%s', (column, wh) => {
  const { metered, spot } = read(`time,${column}\n2026-01-01T00:00Z,250\n2026-01-01T00:15Z,250\n`)
  expect(metered.importWh[0]).toBe(wh)
  expect(metered.exportWh).toBeUndefined()
  expect(spot).toBeNull()
})

test('semicolons go with decimal commas, tabs and a byte order mark are fine', () => {
  expect(
    read('\uFEFFstart;import_kwh\r\n2026-01-01T00:00Z;1,5\r\n2026-01-01T01:00Z;2\r\n').metered
      .importWh[0],
  ).toBe(1500)
  expect(read('time\timport_wh\n2026-01-01 00:00\t7\n2026-01-01 01:00\t8\n').metered.startMs).toBe(
    Date.parse('2025-12-31T23:00Z'),
  )
})

test('missing rows and empty cells are gaps', () => {
  const { metered } = read(
    'time,import_wh\n2026-01-01T00:00Z,1\n2026-01-01T00:15Z,\n2026-01-01T01:00Z,4\n',
  )
  expect([...metered.importWh]).toEqual([1, NaN, NaN, NaN, 4])
})

test('times by the local clock across both changes', () => {
  const spring = read(
    'time,import_wh\n2026-03-29T01:00,1\n2026-03-29T01:30,2\n2026-03-29T03:00,3\n',
  ).metered
  expect([spring.stepS, [...spring.importWh]]).toEqual([1800, [1, 2, 3]])
  const autumn = read(
    'time,import_wh\n2026-10-25T02:00,1\n2026-10-25T02:30,2\n2026-10-25T02:00,3\n2026-10-25T02:30,4\n2026-10-25T03:00,5\n',
  ).metered
  expect(autumn.startMs).toBe(Date.parse('2026-10-25T00:00Z'))
  expect([...autumn.importWh]).toEqual([1, 2, 3, 4, 5])
})

describe('what is wrong is said with its line', () => {
  const rows = '2026-01-01T00:00Z,1\n2026-01-01T01:00Z,2\n'
  test.each([
    ['no time column', `when,import_wh\n${rows}`, 'line 1: there is no column "time"'],
    [
      'no import column',
      `time,power\n${rows}`,
      'line 1: there is no column "import_kwh" (or import_wh, import_kw, import_w); the file has time, power',
    ],
    ['import twice', `time,import_wh,import_kw\n${rows}`, 'line 1: import is given twice'],
    ['no time', `time,import_wh\n${rows}yesterday,3\n`, 'line 4: "yesterday" is no time; write'],
    [
      'no number',
      `time,import_wh\n${rows}2026-01-01T02:00Z,a lot\n`,
      'line 4: "a lot" is no number',
    ],
    ['backwards', `time,import_wh\n${rows}2026-01-01T01:00Z,3\n`, 'line 4: the times must ascend'],
    [
      'off the grid',
      `time,import_wh\n${rows}2026-01-01T02:20Z,3\n`,
      'line 4: is not on the grid of 3600 s steps',
    ],
    [
      'a time that the clock skips',
      'time,import_wh\n2026-03-29T01:00,1\n2026-03-29T02:00,2\n',
      'line 3: 2026-03-29T02:00 does not exist in Europe/Berlin',
    ],
    ['one row', 'time,import_wh\n2026-01-01T00:00Z,1\n', 'at least two rows'],
    ['nothing', '', 'line 1: there is no column "time"'],
  ])('%s', (_, text, message) => {
    expect(() => read(text)).toThrow(message)
  })
})

test('a download with names, dates and a decimal sign of its own', () => {
  const text = [
    '"Interval Start","Usage, kWh"',
    '"6/1/2026 12:15 AM","1,750"',
    '"6/1/2026 12:00 AM","1,500"',
  ].join('\n')
  const { metered } = readMeterCsv(text, 'America/New_York', 'USD', {
    columns: { time: 'Interval Start', import_kwh: 'Usage, kWh' },
    decimal: ',',
  })
  expect(metered.startMs).toBe(Date.parse('2026-06-01T04:00:00Z'))
  expect([...metered.importWh]).toEqual([1500, 1750])
  expect(() => readMeterCsv(text.replace('Interval Start', 'time'), 'UTC', 'USD')).toThrow(
    /there is no column "import_kwh"/,
  )
})

import { describe, expect, test } from 'vitest'
import { readSessions } from '../../../../src/sim/backtest/sessions/read.ts'

const timeZone = 'America/Los_Angeles'
const read = (...lines: readonly string[]) => readSessions(lines.join('\n'), { timeZone })

test("Busbar's own export", () => {
  const [one] = read(
    'session,station,connectedAt,endedAt,energyKwh,saidEnergyKwh,saidDeparture,user',
    's1,GARAGE-1/1,2026-03-02T08:00:00Z,2026-03-02T16:30:00.000Z,12.5,20,2026-03-02T17:00:00Z,"a, b"',
  )
  expect(one).toEqual({
    id: 's1',
    station: 'GARAGE-1/1',
    user: 'a, b',
    connectedMs: Date.UTC(2026, 2, 2, 8),
    endedMs: Date.UTC(2026, 2, 2, 16, 30),
    energyWh: 12_500,
    saidEnergyWh: 20_000,
    saidDepartureMs: Date.UTC(2026, 2, 2, 17),
    line: 2,
  })
})

test('ACN-Data in steps of five minutes: step 0 is read off the first id', () => {
  const [one] = read(
    'arrival_5min,departure_5min,kwh,station,session',
    '76,92,4.216,CA-315,2_39_89_25_2019-03-01 14:24:58.323646',
  )
  const midnight = Date.UTC(2019, 2, 1, 8)
  expect(one).toMatchObject({
    connectedMs: midnight + 76 * 300_000,
    endedMs: midnight + 92 * 300_000,
    energyWh: 4216,
    saidEnergyWh: null,
  })
})

const TIMES =
  'arrival,departure,requested_energy (kWh),delivered_energy (kWh),station_id,session_id,estimated_departure,claimed'

test('ACN-Data in times: words that nobody claimed do not count; order is by arrival', () => {
  const sessions = read(
    TIMES,
    '2019-05-02 06:33:14-07:00,2019-05-02 11:50:55-07:00,21.84,17.666,CA-1,b,2019-05-02 11:27:14-07:00,False',
    '2019-05-01 01:18:45-07:00,2019-05-01 15:52:36-07:00,60.0,44.069,CA-2,a,2019-05-01 09:20:45-07:00,True',
  )
  expect(sessions.map(({ id }) => id)).toEqual(['a', 'b'])
  expect(sessions[0]).toMatchObject({ saidEnergyWh: 60_000, energyWh: 44_069 })
  expect(sessions[1]).toMatchObject({ saidEnergyWh: null, saidDepartureMs: null })
})

test('times without an offset are by the clock of the zone', () => {
  const [one] = read(
    'station,connectedAt,endedAt,energyKwh',
    'A,2019-07-01 08:00,2019-07-01 09:00,1',
  )
  expect(one.connectedMs).toBe(Date.UTC(2019, 6, 1, 15))
  expect(one.id).toBe('line 2')
})

describe('what cannot be read is named by line', () => {
  const head = 'station,connectedAt,endedAt,energyKwh'
  const good = 'A,2019-07-01T08:00Z,2019-07-01T09:00Z,1'
  test.each([
    [['station,connectedAt,energyKwh', good], 'line 1: there is no column for ended (such as endedAt); the file has station'], // prettier-ignore
    [[head, 'A,yesterday,2019-07-01T09:00Z,1'], 'line 2: "yesterday" is no time; write it like 2026-03-29T01:00:00Z'], // prettier-ignore
    [['power,when', '1,2'], 'columns station=NAME,connected=NAME,ended=NAME,energy=NAME'],
    [[head, good, 'A,2019-07-01T10:00Z,2019-07-01T09:00Z,1'], 'line 3: the session ends before it begins'], // prettier-ignore
    [[head, 'A,2019-07-01T08:00Z,2019-07-01T09:00Z,much'], 'line 2: "much" is no number (energy in kWh)'], // prettier-ignore
    [[head, 'A,2019-07-01T08:00Z,2019-07-01T09:00Z,-1'], 'line 2: the energy must be 0 or more'],
    [[head, ',2019-07-01T08:00Z,2019-07-01T09:00Z,1'], 'line 2: the station is not named'],
    [['arrival_5min,departure,kwh,station', '1,2,3,A'], 'line 1: arrival and departure must both be times, or both steps'], // prettier-ignore
    [['arrival_5min,departure_5min,kwh,station,session', '1,2,3,A,x'], 'line 2: arrival is in steps, and "x" does not end in a time; say what step 0 is'], // prettier-ignore
    [[head], 'line 1: the file needs a row of names and rows of values'],
  ])('%j', (lines, message) => {
    expect(() => read(...lines)).toThrow(message)
  })
})

/** The names of each first row are those of a published export; the values are made up. */
describe('exports of others', () => {
  const expected = {
    station: 'A',
    connectedMs: Date.UTC(2023, 4, 13, 15, 30),
    endedMs: Date.UTC(2023, 4, 13, 17),
    energyWh: 7_250,
  }
  test.each<[string, string[], Parameters<typeof readSessions>[1]['format']?]>([
    ['evcc', ['Created,Finished,Charging point,Identifier,Vehicle,Energy (kWh)', '2023-05-13 08:30:00,2023-05-13 10:00:00,A,,Zoe,7.25']], // prettier-ignore
    ['evcc in a spreadsheet', ['Start;End;Charging point;Energy (kWh)', '13.05.2023 08:30;13.05.2023 10:00;A;7,25']], // prettier-ignore
    ['Boulder', ['Station_Name,Start_Date___Time,End_Date___Time,Energy__kWh_', 'A,2023/05/13 15:30:00+00,2023/05/13 17:00:00+00,7.25']], // prettier-ignore
    ['ChargePoint', ['"Station Name","Start Date","End Date","Energy (kWh)","User ID"', '"A","5/13/2023 8:30","5/13/2023 10:00","7.25",""']], // prettier-ignore
    ['ChargePoint with AM', ['Station Name,Start Date,End Date,Energy (kWh)', 'A,05/13/2023 8:30 AM,05/13/2023 10:00 AM,7.25']], // prettier-ignore
    ['Norway', ['session_ID;Garage_ID;User_ID;Start_plugin;End_plugout;El_kWh', '1;A;u;13.05.2023 08:30;13.05.2023 10:00;7,25']], // prettier-ignore
    ['anything, by names', ['Box,From,To,Usage', 'A,13/05/2023 08:30,13/05/2023 10:00,7.25'], { columns: { station: 'Box', connected: 'From', ended: 'To', energy: 'Usage' } }], // prettier-ignore
    ['a quoted decimal comma, told', ['station,Start,End,kWh', 'A,2023-05-13 08:30,2023-05-13 10:00,"7,250"'], { decimal: ',' }], // prettier-ignore
  ])('%s', (_, lines, format) => {
    const [one] = readSessions(lines.join('\n'), { timeZone, ...(format && { format }) })
    expect(one).toMatchObject(expected)
  })

  test('a date that may be day or month first is not guessed', () => {
    const lines = ['station,start,end,kwh', 'A,5/6/2023 8:30,5/6/2023 10:00,7']
    expect(() => read(...lines)).toThrow(/line 2: "5\/6\/2023 8:30" may be day or month first/)
    const [one] = readSessions(lines.join('\n'), { timeZone, format: { dates: 'dmy' } })
    expect(one.connectedMs).toBe(Date.UTC(2023, 5, 5, 15, 30))
  })
})

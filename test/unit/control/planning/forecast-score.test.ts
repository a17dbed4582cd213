import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { forecastScore } from '../../../../src/control/planning/forecast-score.ts'
import type { ScoreRow } from '../../../../src/engine/forecast/score.ts'
import { readCsv } from '../../../../src/net/csv.ts'
import { pastStaysOf } from '../../../../src/sim/backtest/sessions/past-stays.ts'
import { readSessions } from '../../../../src/sim/backtest/sessions/read.ts'
import { DAY_MS, HOUR_MS, memory, MONDAY_MS, session, SUNNY, UTC } from './bench.ts'

const DATA = join(import.meta.dirname, '../../../data')
const textOf = (file: string): string => readFileSync(join(DATA, file), 'utf8')
/** Summer time began on 12 March 2017 and 10 March 2019. */
const isSummer = (atMs: number): boolean =>
  atMs < Date.UTC(2018, 0) ? atMs >= Date.UTC(2017, 2, 12, 10) : atMs >= Date.UTC(2019, 2, 10, 10)
const CALIFORNIA = {
  offsetMs: (atMs: number) => (isSummer(atMs) ? -7 : -8) * HOUR_MS,
  isHoliday: () => false,
}
const STANDARD = { offsetMs: -8 * HOUR_MS, year: 2017, calendar: CALIFORNIA }

const rowOf = (rows: readonly ScoreRow[], kind: string, leadS: number): ScoreRow =>
  rows.find((row) => row.kind === kind && row.leadS === leadS)!

/** No level is off by more than this part of the time. */
const isHonest = (row: ScoreRow, within: number): boolean =>
  row.levels.every(({ level, coverage }) => Math.abs(coverage - level) < within)

test('the load of an office: clearly better than last week, and honest about it', async () => {
  const load = textOf('office-load.csv')
  const { rows, text } = await forecastScore({
    from: 'load-csv',
    table: readCsv(load),
    ...STANDARD,
  })
  expect(rowOf(rows, 'load', 3_600).skill).toBeGreaterThan(0.6)
  expect(rowOf(rows, 'load', 86_400).skill).toBeGreaterThan(0.2)
  for (const row of rows) expect(isHonest(row, 0.03), text).toBe(true)
  expect(text).toMatch(/^load +24 h ahead +36\d\d +kW /m)
})

test('what a roof gives: better than yesterday, and no level far off', async () => {
  const text = textOf('roof-220kw.csv')
  const { rows } = await forecastScore({ from: 'pv-csv', table: readCsv(text), ...STANDARD })
  expect(rowOf(rows, 'pv', 3_600).skill).toBeGreaterThan(0.4)
  expect(rowOf(rows, 'pv', 14_400).skill).toBeGreaterThan(0.1)
  for (const row of rows) expect(isHonest(row, 0.1)).toBe(true)
  for (const { levels } of rows) {
    // A rule without levels is of no use where too much is worse than too little.
    expect(levels[2].loss).toBeLessThan(0.6 * levels[2].baselineLoss!)
  }
})

test('recorded sessions: better than the mean stay, the mean energy, last week', async () => {
  const sessions = pastStaysOf(
    readSessions(textOf('caltech_2019-03_sessions.csv'), { timeZone: 'America/Los_Angeles' }),
  )
  const { rows, text } = await forecastScore({ from: 'sessions', sessions, calendar: CALIFORNIA })
  expect(rowOf(rows, 'departure', 0).skill, text).toBeGreaterThan(0.2)
  expect(rowOf(rows, 'departure', 14_400).skill, text).toBeGreaterThan(0.2)
  expect(rowOf(rows, 'energy', 0).skill, text).toBeGreaterThan(0.1)
  expect(rowOf(rows, 'arrivals', 86_400).skill, text).toBeGreaterThan(0.1)
  for (const row of rows) if (row.kind !== 'arrivals') expect(isHonest(row, 0.08), text).toBe(true)
})

test('the forecasts that a site wrote down', async () => {
  const { storage } = memory()
  const row = { kind: 'load', subject: 'grid', leadS: 3_600, quantiles: [[0.5, 10_000]] }
  const at = (madeAtMs: number, actual: number | null) =>
    storage.append({ table: 'forecast', row: { ...row, madeAtMs, baseline: 16_000, actual } })
  at(MONDAY_MS, 12_000)
  at(MONDAY_MS + HOUR_MS, 10_000)
  at(MONDAY_MS + 2 * HOUR_MS, null)
  at(MONDAY_MS + 9 * DAY_MS, 99_000)
  const { rows } = await forecastScore(
    { from: 'records', storage },
    { fromMs: MONDAY_MS, toMs: MONDAY_MS + 9 * DAY_MS },
  )
  expect(rows).toMatchObject([
    { kind: 'load', count: 2, mae: 1_000, baselineMae: 5_000, skill: 0.8 },
  ])
})

test('what is stored of a site, as the models of today would have foreseen it', async () => {
  const { storage } = memory()
  const days = 24
  const nowMs = MONDAY_MS + days * DAY_MS
  for (let atMs = MONDAY_MS; atMs < nowMs; atMs += 300_000) {
    const hour = (atMs % DAY_MS) / HOUR_MS
    const sunW = Math.max(0, 20_000 * Math.sin(((hour - 6) * Math.PI) / 12))
    const row = { measuredAtMs: atMs, receivedAtMs: atMs, quality: 'good' }
    const of = (meterId: string, powerW: number) =>
      storage.append({ table: 'reading', row: { ...row, meterId, values: { powerW } } })
    of('meter-office', hour >= 8 && hour < 18 ? 30_000 : 9_000)
    of('meter-roof', -sunW)
  }
  for (let k = 0; k < 150; k++) {
    const connectedAtMs = MONDAY_MS + Math.round((k / 7) * DAY_MS)
    const row = session(`s${k}`, { connectedAtMs, energyWh: 9_000, transactionId: null })
    storage.append({ table: 'session', row: { ...row, endedAtMs: connectedAtMs + 2 * HOUR_MS } })
  }
  const { rows, text } = await forecastScore({
    from: 'history',
    storage,
    site: SUNNY,
    calendar: UTC,
    nowMs,
  })
  expect([...new Set(rows.map(({ kind }) => kind))]).toEqual([
    'arrivals',
    'departure',
    'energy',
    'load',
    'pv',
  ])
  expect(rowOf(rows, 'load', 86_400).mae, text).toBeLessThan(500)
  expect(rowOf(rows, 'pv', 86_400).mae, text).toBeLessThan(500)
  expect(rowOf(rows, 'departure', 0).mae, text).toBeCloseTo(0)
})

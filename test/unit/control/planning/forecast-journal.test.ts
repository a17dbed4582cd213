import { expect, test } from 'vitest'
import {
  createForecastJournal,
  type OpenForecast,
} from '../../../../src/control/planning/forecast-journal.ts'
import { DAY_MS, HOUR_MS, memory, MONDAY_MS } from './bench.ts'

const load = (given: Partial<OpenForecast> = {}): OpenForecast => ({
  kind: 'load',
  subject: 'grid',
  madeAtMs: MONDAY_MS,
  leadS: 3_600,
  quantiles: [[0.5, 10]],
  baseline: 12,
  ...given,
})

test('a forecast is stored when it is made, and again with what came', async () => {
  const { storage, log } = memory()
  const journal = createForecastJournal(storage, log.log)
  journal.note(load())
  expect(await storage.query('forecast')).toMatchObject([{ ...load(), actual: null }])
  journal.settle('load', 'grid', MONDAY_MS + 2 * HOUR_MS, 99)
  journal.settle('load', 'panel', MONDAY_MS + HOUR_MS, 99)
  expect(journal.open()).toBe(1)
  journal.settle('load', 'grid', MONDAY_MS + HOUR_MS, 11)
  expect(journal.open()).toBe(0)
  expect(await storage.query('forecast')).toMatchObject([{ ...load(), actual: 11 }])
})

test('what was not measured is never scored', async () => {
  const { storage, log } = memory()
  const journal = createForecastJournal(storage, log.log)
  journal.note(load())
  journal.settle('load', 'grid', MONDAY_MS + HOUR_MS, Number.NaN)
  expect(journal.open()).toBe(0)
  expect(await storage.query('forecast')).toMatchObject([{ actual: null }])
})

test('those of before a restart still wait', async () => {
  const { storage, log } = memory()
  const before = createForecastJournal(storage, log.log)
  before.note(load())
  before.note(load({ kind: 'departure', subject: 's', leadS: 0 }))
  before.note(load({ subject: 'old', madeAtMs: MONDAY_MS - 20 * DAY_MS }))
  const after = createForecastJournal(storage, log.log)
  await after.load(MONDAY_MS + 1)
  expect(after.open()).toBe(2)
  after.settle('departure', 's', null, 4)
  const rows = await storage.query('forecast', { where: { kind: 'departure' } })
  expect(rows).toMatchObject([{ actual: 4 }])
})

test('they do not wait for ever, nor does anybody remember too many', () => {
  const { storage, log } = memory()
  const journal = createForecastJournal(storage, log.log)
  journal.note(load())
  journal.note(load({ madeAtMs: MONDAY_MS + 9 * DAY_MS }))
  expect(journal.open()).toBe(1)
  expect(log.entries).toEqual([])
  for (let k = 0; k < 20_001; k++)
    journal.note(load({ subject: `n${k}`, madeAtMs: MONDAY_MS + 9 * DAY_MS }))
  expect(journal.open()).toBe(20_000)
  expect(log.entries).toMatchObject([{ level: 'warn' }])
})

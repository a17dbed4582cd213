import { RateBudget } from '../../../src/ocpp/rate-budget.ts'
import { expect, test } from 'vitest'
import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'
import { createRoutes } from '../../../src/ocpp/routes.ts'
import { quietLog } from '../../../src/ocpp/quiet-log.ts'
import { asciiFrame } from '../../../src/ocpp/text-frame.ts'
import { iso, isoClock } from '../../../src/ocpp/timestamp.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'
import { START_MS } from './support.ts'

test('the ISO clock follows the clock', async () => {
  const clock = createVirtualClock(START_MS)
  const now = isoClock(clock)
  expect(now()).toBe('2026-11-22T07:00:00.000Z')
  expect(now()).toBe(iso(START_MS))
  await clock.advanceTo(START_MS + 1)
  expect(now()).toBe('2026-11-22T07:00:00.001Z')
})

test('warnings are bounded per second, and what was left out is told', async () => {
  const clock = createVirtualClock(START_MS)
  const { log, entries } = recordingLog()
  const quiet = quietLog(log, clock, 2)
  for (let i = 0; i < 5; i++) quiet.warn({ i }, 'flood')
  quiet.error({}, 'never left out')
  await clock.advanceTo(START_MS + 1000)
  quiet.warn({ i: 5 }, 'flood')
  quiet.warn({ i: 6 }, 'flood')
  expect(entries.map(({ fields }) => fields)).toEqual([
    { i: 0 },
    { i: 1 },
    {},
    { i: 5, suppressed: 3 },
    { i: 6 },
  ])
})

test('a handler for an action that the version lacks is found at the start', () => {
  const clock = createVirtualClock(START_MS)
  const handlers = { TransactionEvent: () => ({}) }
  expect(() => createRoutes({ protocol: 'ocpp1.6', handlers }, clock)).toThrow("'TransactionEvent'")
  expect(createRoutes({ protocol: 'ocpp2.0.1', handlers }, clock).size).toBe(64)
})

test.each([
  ['[3,"a",{}]', '810a5b332c2261222c7b7d5d'],
  ['', '8100'],
])('%j becomes one frame', (text, hex) => {
  expect(Buffer.from(asciiFrame(text) ?? '', 'latin1').toString('hex')).toBe(hex)
})

test('longer texts get the longer header, others are left to the library', () => {
  const header = (text: string) =>
    Buffer.from((asciiFrame(text) ?? '').slice(0, 4), 'latin1').toString('hex')
  expect(header('x'.repeat(125))).toBe('817d7878')
  expect(header('x'.repeat(126))).toBe('817e007e')
  expect(header('x'.repeat(65_535))).toBe('817effff')
  expect(asciiFrame('x'.repeat(65_536))).toBeNull()
  expect(asciiFrame('é')).toBeNull()
})

test('a station may send a reserve at once, and then as much as it earns', () => {
  const budget = new RateBudget(100, 1_000, 100, 0)
  const sent = (tick: number): number => {
    let count = 0
    while (budget.spend(tick)) count++
    return count
  }
  expect(sent(0)).toBe(1_000)
  expect(sent(0)).toBe(0)
  expect(sent(10)).toBeGreaterThan(90)
  expect(sent(10)).toBe(0)
  expect(sent(100_000)).toBeGreaterThan(990)
})

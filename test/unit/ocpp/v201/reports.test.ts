import { expect, test } from 'vitest'
import { createVirtualClock } from '../../../../src/domain/virtual-clock.ts'
import { createReports } from '../../../../src/ocpp/v201/reports.ts'

const start = () => {
  const clock = createVirtualClock(0)
  return { clock, reports: createReports(clock) }
}

test('parts are collected until the last one', async () => {
  const { reports } = start()
  const { report } = reports.expect<number>('CP1', 'report', 1, 1_000)
  expect(reports.add('CP1', 'report', 1, [1, 2], true)).toBe(true)
  expect(reports.add('CP1', 'report', 1, [3], false)).toBe(true)
  expect(await report).toEqual({ parts: [1, 2, 3], complete: true })
  expect(reports.add('CP1', 'report', 1, [4], false)).toBe(false)
})

test('reports of other stations, kinds and requests are not mixed', async () => {
  const { reports } = start()
  const { report } = reports.expect<number>('CP1', 'report', 1, 1_000)
  expect(reports.add('CP2', 'report', 1, [9], false)).toBe(false)
  expect(reports.add('CP1', 'charging-profiles', 1, [9], false)).toBe(false)
  expect(reports.add('CP1', 'report', 2, [9], false)).toBe(false)
  reports.add('CP1', 'report', 1, [1], false)
  expect((await report).parts).toEqual([1])
})

test('what came until the time ran out', async () => {
  const { clock, reports } = start()
  const { report } = reports.expect<number>('CP1', 'report', 1, 1_000)
  reports.add('CP1', 'report', 1, [1], true)
  await clock.advanceTo(1_000)
  expect(await report).toEqual({ parts: [1], complete: false })
})

test('a request that is called off leaves nothing behind', async () => {
  const { clock, reports } = start()
  const { report, cancel } = reports.expect<number>('CP1', 'report', 1, 1_000)
  cancel()
  expect((await report).complete).toBe(false)
  expect(clock.nextDueMs()).toBeNull()
})

test('request ids differ', () => {
  const { reports } = start()
  expect([reports.nextId(), reports.nextId(), reports.nextId()]).toEqual([1, 2, 3])
})

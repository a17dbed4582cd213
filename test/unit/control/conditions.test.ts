import { expect, test } from 'vitest'
import { createConditions } from '../../../src/control/conditions.ts'
import type { Condition } from '../../../src/domain/condition.ts'
import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'
import type { Change } from '../../../src/ports/fabric.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'

const DISOBEYS: Condition = {
  kind: 'station-disobeys',
  severity: 'warning',
  what: 'CP1/1 draws 32 A although it accepted 6 A',
  where: 'CP1/1',
  remedy: 'Check the firmware of the station',
}
const FULL: Condition = {
  kind: 'disk-full',
  severity: 'alarm',
  what: 'The disk is full',
  where: 'site.db',
  remedy: 'Make room',
}

const bench = () => {
  const clock = createVirtualClock(1_000_000)
  const { log, entries } = recordingLog()
  const published: Change[] = []
  const conditions = createConditions({
    clock,
    log,
    fabric: { publish: (change) => void published.push(change) },
  })
  const lines = () => entries.map(({ level, message }) => `${level}: ${message}`)
  return { clock, conditions, published, lines, entries }
}

test('a condition that is set at every tick is told once', () => {
  const { conditions, published, lines } = bench()
  for (const amps of [32, 31, 30]) {
    conditions.set('station-disobeys:CP1/1', {
      ...DISOBEYS,
      what: `CP1/1 draws ${amps} A although it accepted 6 A`,
    })
  }
  expect(lines()).toEqual(['warn: warning raised'])
  expect(published).toHaveLength(1)
  // The list always has the latest figures.
  expect(conditions.list()).toMatchObject([
    {
      key: 'station-disobeys:CP1/1',
      sinceMs: 1_000_000,
      what: 'CP1/1 draws 30 A although it accepted 6 A',
    },
  ])
})

test('it ends once, and only when it has been gone for a while', async () => {
  const { clock, conditions, published, lines } = bench()
  conditions.set('a', DISOBEYS)
  for (let second = 1; second <= 60; second++) {
    conditions.set('a', second % 10 === 0 ? DISOBEYS : null)
    await clock.advanceTo(1_000_000 + second * 1000)
  }
  expect(conditions.list()).toHaveLength(1)
  expect(lines()).toEqual(['warn: warning raised'])
  conditions.set('a', null)
  await clock.advanceTo(clock.now() + 29_000)
  expect(conditions.list()).toHaveLength(1)
  await clock.advanceTo(clock.now() + 2_000)
  expect(conditions.list()).toEqual([])
  expect(lines()).toEqual(['warn: warning raised', 'info: warning cleared'])
  expect(published.at(-1)).toMatchObject({ kind: 'condition', id: 'a', data: null })
})

test('what gets worse is told again, and keeps its beginning', async () => {
  const { clock, conditions, lines } = bench()
  conditions.set('a', DISOBEYS)
  await clock.advanceTo(1_005_000)
  conditions.set('a', { ...DISOBEYS, severity: 'alarm' })
  expect(lines()).toEqual(['warn: warning raised', 'error: alarm raised'])
  expect(conditions.list()).toMatchObject([{ severity: 'alarm', sinceMs: 1_000_000 }])
})

test('alarms come first, then the latest', async () => {
  const { clock, conditions } = bench()
  conditions.set('full', FULL)
  await clock.advanceTo(1_001_000)
  conditions.set('b', DISOBEYS)
  conditions.set('a', DISOBEYS)
  await clock.advanceTo(1_002_000)
  conditions.set('c', DISOBEYS)
  expect(conditions.list().map(({ key }) => key)).toEqual(['full', 'c', 'a', 'b'])
})

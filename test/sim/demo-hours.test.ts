import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createLog } from '../../src/app/log.ts'
import { simulateSite } from '../../src/app/virtual.ts'
import { demoLimitKw } from '../../src/cli/serve/demo.ts'
import { parseConfig } from '../../src/config/load.ts'

const FILE = join(import.meta.dirname, '../../config/demo.yaml')
const TEXT = readFileSync(FILE, 'utf8')

const HOURS = 0.5

// Dear hours must not leave the demo without anything to see, and the event without anything to curtail.
test.each([
  ['2026-11-23', '03:00'],
  ['2026-11-23', '12:00'],
  ['2026-11-23', '19:00'],
  ['2026-11-23', '20:30'],
  ['2026-11-28', '22:00'],
])('the demo charges more than its event allows, started on %s at %s', async (date, timeOfDay) => {
  const when = `simulation:\n  date: ${date}\n  timeOfDay: '${timeOfDay}'`
  const loaded = parseConfig(TEXT.replace('simulation:', when), FILE, {})
  const { energyKwh, secondsAboveLimit } = await simulateSite(
    loaded,
    { hours: HOURS },
    createLog('silent'),
  )
  expect(energyKwh / HOURS).toBeGreaterThan(1.2 * demoLimitKw(loaded.site))
  expect(secondsAboveLimit).toBe(0)
})

// Whoever starts one of the other examples, at any hour, sees something of it as well.
test.each(
  ['depot.yaml', 'office-us.yaml'].flatMap((name) =>
    ['00:00', '06:00', '12:00', '17:30', '20:00'].map((time) => [name, time] as const),
  ),
)('vehicles charge in %s, started at %s', async (name, time) => {
  const file = join(import.meta.dirname, '../../config', name)
  const text = readFileSync(file, 'utf8').replace(/timeOfDay: .*/, `timeOfDay: '${time}'`)
  const { energyKwh, secondsAboveLimit } = await simulateSite(
    parseConfig(text, file, {}),
    { hours: HOURS },
    createLog('silent'),
  )
  expect(energyKwh / HOURS).toBeGreaterThan(5)
  expect(secondsAboveLimit).toBe(0)
})

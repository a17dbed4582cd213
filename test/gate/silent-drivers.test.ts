import { expect, test } from 'vitest'
import { runSilent, type SilentCase } from '../../bench/silent/run.ts'
import { recordingLog } from '../fixtures/recording-log.ts'

/** All places, any hours and seeds, with figures: npm run bench -- silent */
const run = (given: Omit<SilentCase, 'hours' | 'seed' | 'planned'>, planned: boolean) =>
  runSilent({ ...given, hours: 6, seed: 5, planned }, recordingLog().log)

test.each([
  ['home', 0],
  ['public', 0],
  ['workplace', 0],
  ['workplace', 1],
] as const)(
  '%s, share of drivers who tell %d: a plan delivers no less',
  async (place, tellNeed) => {
    const given = { place, tellNeed, prices: 'flat' } as const
    const [with_, without] = [await run(given, true), await run(given, false)]
    expect(with_.energyKwh).toBeGreaterThanOrEqual(without.energyKwh)
    expect(with_.unservedKwh).toBeLessThanOrEqual(1.05 * without.unservedKwh + 1)
    expect(with_.secondsAboveLimit).toBe(0)
  },
  120_000,
)

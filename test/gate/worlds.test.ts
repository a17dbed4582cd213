import { expect, test } from 'vitest'
import { roundRobin } from '../../bench/gate/rules.ts'
import { failuresOf, scenarioOf } from '../../bench/gate/scenarios.ts'
import { runScenario } from '../../bench/gate/world.ts'

/** Any number of them, with figures: npm run gate -- --seeds 100 */
const SEEDS = [1, 3, 4, 5, 7, 8, 10, 13, 17, 18, 20, 22]

test.each(SEEDS)('one meter at the connection, world %i', async (seed) => {
  const scenario = scenarioOf(seed, 1)
  expect(failuresOf(scenario, await runScenario(scenario))).toEqual([])
})

test('a round robin is above the limit for longer', async () => {
  const scenario = scenarioOf(15, 1)
  const ours = await runScenario(scenario)
  const simple = await runScenario(scenario, roundRobin)
  expect(ours.aboveS).toBeLessThan(simple.aboveS / 2)
  expect(ours.use).toBeGreaterThan(simple.use - 0.03)
})

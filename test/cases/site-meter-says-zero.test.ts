import { expect, test } from 'vitest'
import { closedLoop } from './closed-loop.ts'

const HOUSE_A = 6000 / 690

test('site-meter-says-zero: never above the fuse, and the contradiction is named', async () => {
  const isWrong = (second: number) => second >= 31 && second < 61
  const world = closedLoop(
    'site-meter-says-zero',
    (second, totalA) => ({ powerW: isWrong(second) ? 0 : 690 * totalA }),
    () => HOUSE_A,
  )
  const below = () => expect(world.totalA()).toBeLessThanOrEqual(63)
  await world.run(31, below)
  expect(world.totalA()).toBeGreaterThan(50)
  const problems = new Set<string>()
  await world.run(61, () => {
    below()
    for (const problem of world.view().nodes[0].problems) problems.add(problem.code)
  })
  expect([...problems]).toContain('meter-contradicted')
  await world.run(80, below)
  await world.run(140, below)
  expect(world.view().nodes[0].problems).toEqual([])
  expect(world.totalA()).toBeGreaterThan(55)
})

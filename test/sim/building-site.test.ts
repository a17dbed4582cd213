import { expect, test } from 'vitest'
import { createWorld } from './world.ts'

/** Thirty chargers are configured on 100 A; one is mounted, and a vehicle is plugged in there. */
const buildingSite = () => {
  const world = createWorld({ seed: 3, evses: 30, limitA: 100, panelLimitA: 100 })
  world.stations.forEach((station, k) => {
    if (k === 0) return
    station.online = false
    station.planned = true
    station.failsafeA = null
  })
  world.stations[0].plugIn()
  return world
}

test('chargers that never connected reserve nothing', async () => {
  const world = buildingSite()
  await world.run(60)
  const [mounted, planned] = world.view().evses
  expect(mounted.limitA).toBeGreaterThanOrEqual(30)
  expect(planned).toMatchObject({ limitA: 0, mayDrawA: 0, reasons: [{ code: 'planned' }] })
  expect(world.view().nodes[0].problems).toEqual([])
})

test('once seen, a charger counts, and the node says for whom headroom is reserved', async () => {
  const world = buildingSite()
  await world.run(30)
  for (const k of [1, 3]) Object.assign(world.stations[k], { planned: false })
  await world.run(5)
  const [{ problems }] = world.view().nodes
  expect(problems).toEqual([
    {
      code: 'reserved',
      cause: 'offline',
      phase: expect.stringMatching(/^L[123]$/) as string,
      amps: expect.any(Number) as number,
      keys: ['cp1/1', 'cp3/1'],
    },
  ])
  expect(world.view().evses[1]).toMatchObject({ mayDrawA: 32, reasons: [{ code: 'offline' }] })
})

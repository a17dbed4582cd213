import { expect, test } from 'vitest'
import { total } from '../../src/domain/phases.ts'
import { gridEvent, intervals, played } from '../fixtures/grid-site.ts'
import { createWorld } from './world.ts'

const LIMIT_W = 9_000
const HOURS = 3

test.each([false, true])(
  'chargers that an event limits together take turns, with a plan: %s',
  async (planned) => {
    const world = createWorld({ seed: 5, evses: 6, wirings: ['L1L2L3'], limitA: 200, planned })
    const { stations, clock } = world
    for (const station of stations) station.plugIn(32)
    await world.run(60)
    // No node of the tree: two of one panel and two of the other. Two minima fit, not four.
    const targets = ['cp0/1', 'cp1/1', 'cp2/1', 'cp3/1']
    const limited = stations.slice(0, 4)
    const limit = { kind: 'import-limit', scope: 'controllable', unit: 'W' } as const
    const hours = intervals([LIMIT_W], (HOURS + 1) * 60, clock.now())
    world.setEvents([played(gridEvent('together', limit, hours, { targets }))])

    const onS = limited.map(() => 0)
    let mostW = 0
    let busyS = 0
    for (let s = 0; s < HOURS * 3_600; s++) {
      await world.second()
      const watts = limited.map((station) => 230 * total(station.allowedA()))
      watts.forEach((each, k) => (onS[k] += each > 0 ? 1 : 0))
      const togetherW = watts.reduce((sum, each) => sum + each, 0)
      if (togetherW > LIMIT_W / 2) busyS++
      if (s >= 8) mostW = Math.max(mostW, togetherW)
    }
    expect(mostW).toBeLessThanOrEqual(LIMIT_W)
    // Nearly always two of them charge, and everybody as long as everybody else.
    expect(busyS).toBeGreaterThan(0.9 * HOURS * 3_600)
    expect(Math.min(...onS)).toBeGreaterThan(0.7 * Math.max(...onS))
    // The others are not meant.
    for (const station of stations.slice(4)) expect(station.allowedA()[0]).toBe(32)
  },
)

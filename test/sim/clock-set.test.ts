import { describe, expect, test } from 'vitest'
import type { VirtualClock } from '../../src/domain/virtual-clock.ts'
import { expectBelowLimits, wandering } from './life.ts'
import { createWorld, type World } from './world.ts'

const HOUR_MS = 3_600_000
/** Stations take our time from the answer to each heartbeat. */
const HEARTBEAT_MS = 60_000

/** A clock that runs steadily and is set with each heartbeat. */
const stationClock = () => {
  let beatMs = -Infinity
  let aheadMs = 0
  return (clock: VirtualClock): number => {
    const steadyMs = clock.monotonicMs()
    if (steadyMs - beatMs >= HEARTBEAT_MS) {
      beatMs = steadyMs
      aheadMs = clock.now() - steadyMs
    }
    return steadyMs + aheadMs
  }
}

const charging = (seed: number, meter?: 'connection'): World => {
  const building = wandering(seed)
  const world: World = createWorld({
    seed,
    // The building does not look at our clock.
    buildingA: () => building(world.clock.monotonicMs()),
    stationNow: stationClock(),
    ...(meter ? { meter } : {}),
  })
  for (const station of world.stations) station.plugIn(32)
  return world
}

const run = async (world: World, seconds: number): Promise<void> => {
  for (let second = 0; second < seconds; second++) {
    await world.second()
    expectBelowLimits(world, second)
  }
}

/** EVSEs whose profile, as the station holds it and judges it, is in force now. */
const withProfile = (world: World): number => world.stations.filter(({ holdsTx }) => holdsTx).length

describe.each([
  ['back', -HOUR_MS],
  ['forward', HOUR_MS],
  ['back by minutes', -7 * 60_000],
] as const)('our clock is set %s, twice, while everybody charges', (_name, stepMs) => {
  test.each([1, 2, 3, 4])('the fuse holds, profiles are renewed, seed %i', async (seed) => {
    const world = charging(seed, seed % 2 === 0 ? 'connection' : undefined)
    await run(world, 300)
    const before = withProfile(world)
    expect(before).toBeGreaterThan(0)
    for (let turn = 0; turn < 2; turn++) {
      world.clock.setBy(stepMs)
      const sentBefore = world.sent.length
      await run(world, 20)
      // Everything in force is said again, failsafes too.
      const again = new Set(world.sent.slice(sentBefore).map(({ key, profile }) => `${key} ${profile.purpose}`)) // prettier-ignore
      for (const { evse } of world.stations) expect(again).toContain(`${evse.key} tx-default`)
      await run(world, 100)
      // No longer than a heartbeat without a limit of ours, and for as long as one looks.
      for (let look = 0; look < 10; look++) {
        expect(withProfile(world)).toBeGreaterThanOrEqual(before)
        await run(world, 60)
      }
    }
    const told = world.log.filter(({ message }) => message.startsWith('the clock of this machine'))
    expect(told).toHaveLength(2)
  })
})

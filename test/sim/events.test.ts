import { describe, expect, test } from 'vitest'
import { createEventLimits } from './event-limits.ts'
import { expectBelowLimits, happen, wandering } from './life.ts'
import { createRandomEvents } from './random-events.ts'
import { createWorld, type World, type WorldOptions } from './world.ts'

/** More of them: SEEDS=200 npx vitest run test/sim/events.test.ts */
const seeds = Array.from({ length: Number(process.env.SEEDS ?? 12) }, (_, k) => k + 1)

/** Events come for so long; then all of them are cancelled, and for a while there are none. */
const BUSY_S = 450
const ROUND_S = 600
interface Life {
  /** Of each station and second, that its link or what it answers changes. */
  readonly faults: number
  /** From when on an event holds; see `createEventLimits`. */
  readonly afterS: number
  /** From when on everybody is served again, after the last event and the last fault. */
  readonly recoveredS: number
}

const QUIET: Life = { faults: 0, afterS: 8, recoveredS: 0 }
/**
 * A request that got lost is known as that after 11.5 s. The longest pause between two attempts at a
 * station that refused is ten minutes.
 */
const FAULTY: Life = { faults: 0.001, afterS: 20, recoveredS: 700 }

const worldOf = (options: WorldOptions): World =>
  createWorld({ buildingA: wandering(options.seed), ...options })

/** Rounds of events, checked second by second. */
const play = async (world: World, rounds: number, life: Life): Promise<void> => {
  const { faults, afterS, recoveredS } = life
  const { random, stations, clock } = world
  const events = createRandomEvents(world.site, random)
  const limits = createEventLimits(world, afterS)

  const second = async (at: number): Promise<object[]> => {
    world.setEvents(events.all())
    await world.second()
    expectBelowLimits(world, at)
    expect(limits.observe(events.all()), `events at second ${at}`).toEqual([])
    return limits.stuck()
  }

  for (let at = 0; at < rounds * ROUND_S; at++) {
    if (at % ROUND_S === BUSY_S) events.cancelAll(clock.now())
    else if (at % ROUND_S < BUSY_S && random.next() < 0.04) events.change(clock.now())
    happen(world, faults)
    const stuck = await second(at)
    if (faults === 0) expect(stuck, `stuck at second ${at}`).toEqual([])
  }
  for (const station of stations) {
    station.answer = 'accept'
    if (!station.online) station.reconnect()
  }
  let stuck: object[] = []
  for (let at = 0; at < recoveredS; at++) stuck = await second(at)
  expect(stuck).toEqual([])
  expect(world.log.filter(({ level }) => level === 'error')).toEqual([])
}

describe('whatever events say is kept, and forgotten when it is over', () => {
  test.each(seeds)('quiet network, seed %i', async (seed) => {
    const world = worldOf({ seed })
    await play(world, 2, QUIET)
    expect(world.log.filter(({ level }) => level === 'warn')).toEqual([])
  })

  test.each(seeds)('stations drop, refuse and lose answers, seed %i', async (seed) => {
    await play(worldOf({ seed, meter: seed % 2 === 0 ? 'building' : 'connection' }), 2, FAULTY)
  })

  test.each(seeds)('phases are switched, seed %i', async (seed) => {
    await play(worldOf({ seed, phaseSwitching: true }), 2, QUIET)
  })

  // In 230 two that lose their answers are asked in turns: neither may be counted upon.
  test.each([...new Set([...seeds, 230])])(
    'some ignore or refuse one phase, and drop off, seed %i',
    async (seed) => {
      const world = worldOf({ seed, phaseSwitching: true })
      world.stations.forEach((station, k) => {
        station.phases = (['obeys', 'ignores', 'refuses'] as const)[(k + seed) % 3]
      })
      await play(world, 2, FAULTY)
    },
  )

  test.each(seeds)('with a plan, seed %i', async (seed) => {
    const world = worldOf({ seed, planned: true, phaseSwitching: seed % 2 === 0 })
    await play(world, 1, seed % 3 === 0 ? FAULTY : QUIET)
    expect(world.published.some(({ kind }) => kind === 'plan')).toBe(true)
  })
})

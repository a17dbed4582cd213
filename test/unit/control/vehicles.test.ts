import { expect, test } from 'vitest'
import { newEvseControl } from '../../../src/control/evse-control.ts'
import { createTraitMemory } from '../../../src/control/trait-memory.ts'
import { minimumA, rememberedLineCount } from '../../../src/control/vehicle.ts'
import { createVehicles } from '../../../src/control/vehicles.ts'
import { createMemoryStorage } from '../../../src/storage/memory.ts'
import { SITE, T0 } from '../../fixtures/grid-site.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'
import { session, states } from './planning/bench.ts'

const DAY = 24 * 3_600_000

/** One EVSE at which vehicles come and go, with a memory in storage. */
const createPlace = async (storage = createMemoryStorage({ log: recordingLog().log })) => {
  const traits = createTraitMemory(storage)
  await traits.load()
  const vehicles = createVehicles(traits)
  const control = newEvseControl(0, SITE.evses[0], 690)
  const arrive = (id: string, idToken: string | null, nowMs = T0): void => {
    const [state] = states(SITE, [session(id, { idToken })])
    vehicles.follow(control, state, nowMs)
  }
  return { storage, control, arrive }
}

/** What its meter and the search for its start current have shown. */
const learn = (control: Awaited<ReturnType<typeof createPlace>>['control'], failsA: number) => {
  control.vehicle!.start = { ...control.vehicle!.start, failsA, worksA: failsA + 2 }
  control.usedLines = [false, true, false]
  control.lineSightings = 9
}

test('what is learned belongs to the token, and outlives the process', async () => {
  const { storage, control, arrive } = await createPlace()
  arrive('one', 'card-a')
  learn(control, 8)
  arrive('one', 'card-a')
  const next = await createPlace(storage)
  next.arrive('two', 'CARD-A')
  expect(minimumA(next.control)).toBe(10)
  expect(rememberedLineCount(next.control)).toBe(1)
  next.arrive('three', 'CARD-B')
  expect(minimumA(next.control)).toBe(6)
  expect(rememberedLineCount(next.control)).toBe(0)
})

test('it is tested again after a month', async () => {
  const { storage, control, arrive } = await createPlace()
  arrive('one', 'CARD-A')
  learn(control, 8)
  arrive('one', 'CARD-A')
  const next = await createPlace(storage)
  next.arrive('two', 'CARD-A', T0 + 29 * DAY)
  expect(minimumA(next.control)).toBe(10)
  next.arrive('three', 'CARD-A', T0 + 31 * DAY)
  expect(minimumA(next.control)).toBe(6)
})

test('nothing is kept of a vehicle that never drew', async () => {
  const { storage, control, arrive } = await createPlace()
  arrive('one', 'CARD-A')
  control.vehicle!.start = { ...control.vehicle!.start, failsA: 8 }
  arrive('one', 'CARD-A')
  expect(await storage.query('trait')).toEqual([])
})

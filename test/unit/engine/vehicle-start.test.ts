import { expect, test } from 'vitest'
import {
  isAsleep,
  isProbed,
  minimumOffer,
  NEW_VEHICLE,
  observeVehicle,
  wakeVehicle,
  type VehicleStart,
} from '../../../src/engine/vehicle-start.ts'

const RANGE = { minA: 6, maxA: 32 }
const MINUTE = 60_000

/** Measurements every ten seconds: the vehicle draws what `draws` says of each offer. */
const charge = (
  vehicle: VehicleStart,
  offerA: number,
  fromMs: number,
  seconds: number,
  draws: (offerA: number) => number,
): VehicleStart => {
  let now = vehicle
  for (let s = 10; s <= seconds; s += 10) {
    const measuredAtMs = fromMs + s * 1000
    const seen = { drawA: draws(offerA), offerA, offeredAtMs: fromMs, measuredAtMs }
    now = wakeVehicle(observeVehicle(now, seen, RANGE), measuredAtMs)
  }
  return now
}

/** Offers what it asks for, for a while; returns all offers. */
const offersTo = (draws: (offerA: number) => number, minutes: number, start = NEW_VEHICLE) => {
  let vehicle = start
  const offers: number[] = []
  for (let k = 0; k < minutes; k++) {
    const offerA = minimumOffer(vehicle, RANGE)
    if (offers.at(-1) !== offerA) offers.push(offerA)
    vehicle = charge(vehicle, offerA, k * MINUTE, 60, draws)
  }
  return { vehicle, offers }
}

test.each([
  [6, [6], 0],
  [8, [6, 8], 6],
  [9, [6, 8, 10], 8],
  [13, [6, 8, 10, 13], 10],
])('a vehicle that starts at %d A is offered %j', (startA, expected, failsA) => {
  const { vehicle, offers } = offersTo((offerA) => (offerA >= startA ? offerA : 0), 20)
  expect(offers).toEqual(expected)
  expect(vehicle).toMatchObject({ failsA, worksA: expected.at(-1) })
})

test('one that draws from nothing is asleep, and keeps no others waiting', () => {
  const { vehicle, offers } = offersTo(() => 0, 20)
  expect(offers).toEqual([6, 8, 10, 13, 16, 6])
  expect(isAsleep(vehicle, RANGE)).toBe(true)
  expect(isProbed(vehicle, RANGE)).toBe(false)
  expect(vehicle.failsA).toBe(0)
})

test('one that is full where it drew before is not tried with more', () => {
  const charging = charge(NEW_VEHICLE, 6, 0, 300, () => 6)
  const full = charge(charging, 6, 5 * MINUTE, 300, () => 0)
  expect(minimumOffer(full, RANGE)).toBe(6)
  expect(isAsleep(full, RANGE)).toBe(true)
})

test('one that stops when its offer is lowered is offered more again, up to where it drew', () => {
  const charging = charge(NEW_VEHICLE, 16, 0, 300, (offerA) => offerA)
  const { vehicle, offers } = offersTo((offerA) => (offerA >= 9 ? offerA : 0), 20, {
    ...charging,
    idle: null,
  })
  expect(offers).toEqual([6, 8, 10])
  expect(vehicle.failsA).toBe(8)
})

test('what is drawn from a smaller offer after all corrects what was learned', () => {
  const wrong = { ...NEW_VEHICLE, failsA: 10 }
  expect(minimumOffer(wrong, RANGE)).toBe(13)
  const right = charge(wrong, 8, 0, 120, (offerA) => offerA)
  expect(minimumOffer(right, RANGE)).toBe(6)
})

test('what it draws right after a cut proves nothing of the smaller offer', () => {
  const charging = charge(NEW_VEHICLE, 16, 0, 300, (offerA) => offerA)
  const cut = charge(charging, 6, 5 * MINUTE, 20, () => 12)
  expect(cut.worksA).toBe(16)
})

test('one that is asleep is offered power anew after growing waits, and at last left alone', () => {
  let vehicle = NEW_VEHICLE
  const wakes: number[] = []
  for (let k = 0; k < 20 * 60; k++) {
    const before = vehicle.wokenAtMs
    vehicle = charge(vehicle, minimumOffer(vehicle, RANGE), k * MINUTE, 60, () => 0)
    if (vehicle.wokenAtMs !== before) wakes.push(k)
  }
  const waits = wakes.slice(1).map((minute, k) => minute - wakes[k])
  expect(wakes).toHaveLength(8)
  expect(waits).toEqual([30, 60, 120, 120, 120, 120, 120])
})

import { describe, expect, test } from 'vitest'
import { PLACES, visitsOfDay, type VisitOptions } from '../../../src/sim/arrivals.ts'
import { seeded } from '../../../src/sim/random.ts'
import { VEHICLE_MODELS } from '../../../src/sim/vehicle-models.ts'

const MIDNIGHT = Date.UTC(2026, 5, 15)
const HOUR = 3_600_000
const options: VisitOptions = { place: 'workplace', tellNeed: 0.5, mix: {}, idTokens: [] }
const draw = (over: Partial<VisitOptions> = {}, seed = 1, count = 3000, weekend = false) =>
  visitsOfDay(seeded(seed, 'test'), { ...options, ...over }, MIDNIGHT, weekend, count)

describe.each(PLACES)('visits at %s', (place) => {
  const visits = draw({ place })
  test('are within their day, in order, and possible', () => {
    expect(visits).toHaveLength(3000)
    for (const [i, visit] of visits.entries()) {
      expect(visit.arrivalMs).toBeGreaterThanOrEqual(visits[Math.max(0, i - 1)].arrivalMs)
      expect(visit.arrivalMs).toBeLessThan(MIDNIGHT + 24 * HOUR)
      expect(visit.departureMs).toBeGreaterThan(visit.arrivalMs + 0.2 * HOUR)
      expect(visit.wantedWh).toBeGreaterThan(0)
      expect(visit.wantedWh).toBeLessThanOrEqual(850 * visit.model.batteryKwh)
      expect(visit.idToken).toMatch(/^SIM\d{9}$/)
    }
  })
})

test('people come to work in the morning and come home in the evening', () => {
  const share = (place: VisitOptions['place'], from: number, to: number): number =>
    draw({ place }).filter(
      ({ arrivalMs }) => arrivalMs >= MIDNIGHT + from * HOUR && arrivalMs < MIDNIGHT + to * HOUR,
    ).length / 3000
  // ElaadNL: 59 % of arrivals at work from 7 to 10, 50 % at home from 17 to 21.
  expect(share('workplace', 7, 10)).toBeCloseTo(0.59, 1)
  expect(share('home', 17, 21)).toBeCloseTo(0.5, 1)
})

test('long stays take more', () => {
  const visits = draw({ place: 'public' })
  const long = visits.filter((visit) => visit.departureMs - visit.arrivalMs > 10 * HOUR)
  const short = visits.filter((visit) => visit.departureMs - visit.arrivalMs < 2 * HOUR)
  const mean = (list: typeof visits) => list.reduce((sum, v) => sum + v.wantedWh, 0) / list.length
  expect(mean(long)).toBeGreaterThan(1.3 * mean(short))
})

test('mix, cards and told needs are as wanted', () => {
  const visits = draw({ mix: { 'small-7': 1, 'suv-11': 3 }, idTokens: ['A', 'B'], tellNeed: 0.2 })
  const small = visits.filter((visit) => visit.model.id === 'small-7').length
  expect(new Set(visits.map((visit) => visit.model.id))).toEqual(new Set(['small-7', 'suv-11']))
  expect(small / 3000).toBeCloseTo(0.25, 1)
  expect(new Set(visits.map((visit) => visit.idToken))).toEqual(new Set(['A', 'B']))
  expect(visits.filter((visit) => visit.tellsNeed).length / 3000).toBeCloseTo(0.2, 1)
  expect(new Set(draw().map((visit) => visit.model.id)).size).toBe(VEHICLE_MODELS.length)
})

test('the same seed gives the same visits, another seed others', () => {
  expect(draw({}, 7, 50)).toEqual(draw({}, 7, 50))
  expect(draw({}, 8, 50)).not.toEqual(draw({}, 7, 50))
})

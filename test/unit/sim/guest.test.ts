import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawVisit, PLACES } from '../../../src/sim/arrivals.ts'
import { createEvse, plugIn, stepEvse } from '../../../src/sim/evse.ts'
import { fitGuest } from '../../../src/sim/guest.ts'
import { seeded } from '../../../src/sim/random.ts'
import { EUROPE, evse } from './site.ts'

const T0 = Date.UTC(2026, 5, 15)

test('at full power everybody gets what they need before they leave, and no more', () => {
  const cases = fc.record({
    seed: fc.integer({ min: 0, max: 1e6 }),
    place: fc.constantFrom(...PLACES),
    speed: fc.constantFrom(1, 5, 20),
    over: fc.constantFrom(
      {},
      { wiring: 'L2' as const },
      { maxA: 16 },
      { current: 'DC' as const, maxA: 80, minA: 0, efficiency: 0.95 },
    ),
  })
  fc.assert(
    fc.property(cases, ({ seed, place, speed, over }) => {
      const options = { place, tellNeed: 0, mix: {}, idTokens: [] }
      const visit = drawVisit(seeded(seed, 'guest'), options, T0)
      if (over.current === 'DC' && visit.model.maxDcW === 0) return
      const sim = createEvse(evse('S1', 1, over), EUROPE, 0)
      const guest = fitGuest(visit, sim, T0, speed)
      expect(guest.needWh).toBeLessThanOrEqual(visit.wantedWh / speed + 1e-6)
      expect(guest.vehicle.soc).toBeGreaterThanOrEqual(0.03)
      plugIn(sim, guest.vehicle)
      const stayS = Math.floor((guest.departureMs - T0) / 1000)
      // Some time goes by until the card is shown and the vehicle has reacted.
      for (let s = 20; s < stayS; s++) stepEvse(sim, 1000, true, 1)
      expect(sim.registerWh).toBeLessThan(guest.needWh + 150)
      if (stayS > 600) expect(sim.registerWh).toBeGreaterThan(guest.needWh - 60)
    }),
    { numRuns: 60 },
  )
})

test('on DC people leave soon after they are done', () => {
  const options = { place: 'home', tellNeed: 0, mix: { 'sedan-11': 1 }, idTokens: [] } as const
  const visit = drawVisit(seeded(3, 'guest'), options, T0)
  const dc = createEvse(evse('S1', 1, { current: 'DC', maxA: 80, minA: 0 }), EUROPE, 0)
  const guest = fitGuest({ ...visit, departureMs: T0 + 10 * 3_600_000 }, dc, T0, 1)
  expect(guest.departureMs - T0).toBeLessThan(3 * 3_600_000)
})

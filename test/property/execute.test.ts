import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WIRINGS } from '../../src/domain/wiring.ts'
import { createOccupancy } from '../../src/engine/plan/occupancy.ts'
import { pilotSteps, type Pilots } from '../../src/engine/plan/pilots.ts'
import { solvePlan } from '../../src/engine/plan/plan.ts'
import { follow } from '../unit/engine/plan/follow.ts'
import { ev, flat, lines, node, problem } from '../unit/engine/plan/problems.ts'

const STEPS = 16

const vehicles = fc.array(
  fc
    .record({
      wiring: fc.constantFrom(...WIRINGS),
      node: fc.constantFrom(0, 1),
      maxA: fc.constantFrom(6, 16, 32),
      arrive: fc.nat(STEPS - 2),
      stay: fc.integer({ min: 1, max: STEPS }),
      needWh: fc.integer({ min: 100, max: 15_000 }),
    })
    .map(({ wiring, stay, ...over }) =>
      ev(wiring, { ...over, depart: Math.min(STEPS, over.arrive + stay) }),
    ),
  { minLength: 1, maxLength: 8 },
)

const PILOTS: readonly Pilots[] = [null, pilotSteps(6, 32, 1), [8, 16, 24, 32]]

test('limits hold, pilots are of the set, nobody switches more often than allowed', () => {
  fc.assert(
    fc.property(
      vehicles,
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 0, max: 60 }),
      fc.constantFrom(...PILOTS),
      fc.constantFrom(null, 1, 2, 3, 5),
      (evs, siteA, panelA, pilots, maxChanges) => {
        const nodes = [
          node({ capA: lines(STEPS, siteA) }),
          node({ id: 'panel', parent: 0, capA: lines(STEPS, panelA) }),
        ]
        const posed = problem({
          steps: STEPS,
          nodes,
          evs: evs.map((one, i) => ({ ...one, id: `${i}`, key: `${i}` })),
        })
        const { offeredA, gotWh, changes } = follow(posed, solvePlan(posed), pilots, { maxChanges })
        const loads = createOccupancy(
          [siteA, panelA].map((limitA, n) => ({
            parent: n - 1,
            limitA: [limitA, limitA, limitA],
            limitW: null,
            deltaRatio: null,
          })),
          posed.evs,
        )
        for (const amps of offeredA) {
          loads.clear()
          amps.forEach((value, i) => loads.add(i, value))
          expect(loads.fullest().ratio).toBeLessThanOrEqual(1 + 1e-6)
          amps.forEach((value, i) => {
            expect(value).toBeLessThanOrEqual(posed.evs[i].maxA + 1e-9)
            if (pilots && value > 0) expect(pilots).toContain(value)
          })
        }
        posed.evs.forEach(({ needWh }, i) => expect(gotWh[i]).toBeLessThanOrEqual(needWh + 1e-6))
        if (pilots && maxChanges) expect(Math.max(...changes)).toBeLessThanOrEqual(maxChanges)
      },
    ),
    { numRuns: 150 },
  )
})

test('continuous pilots without rules deliver nearly all that is planned', () => {
  fc.assert(
    fc.property(vehicles, fc.integer({ min: 10, max: 60 }), (evs, siteA) => {
      const posed = problem({
        steps: STEPS,
        importPrice: flat(STEPS, 0.3),
        nodes: [node({ capA: lines(STEPS, siteA) })],
        evs: evs.map((one, i) => ({ ...one, node: 0, id: `${i}`, key: `${i}` })),
      })
      const plan = solvePlan(posed)
      const rules = { minOnS: 0, minOffS: 0, stickS: 0 }
      const { gotWh } = follow(posed, plan, null, rules)
      const gotAllWh = gotWh.reduce((sum, wh) => sum + wh, 0)
      const plannedWh = plan.evW.flatMap((watts) => [...watts]).reduce((sum, w) => sum + w / 4, 0)
      expect(gotAllWh).toBeGreaterThanOrEqual(0.9 * plannedWh)
    }),
    { numRuns: 60 },
  )
})

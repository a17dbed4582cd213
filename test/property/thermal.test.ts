import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Transformer } from '../../src/domain/transformer.ts'
import { advance, hotSpotC, permittedLoad, steadyState } from '../../src/engine/thermal.ts'

const between = (min: number, max: number) => fc.double({ min, max, noNaN: true })

const MODEL: fc.Arbitrary<Transformer> = fc.record({
  ratedVa: fc.constant(400_000),
  maxFactor: between(0.8, 2),
  hotSpotLimitC: between(90, 140),
  ambientC: fc.constant([]),
  lossRatio: between(2, 12),
  topOilRiseK: between(30, 60),
  hotSpotRiseK: between(10, 30),
  oilExponent: between(0.7, 1),
  windingExponent: between(1, 2),
  oilTimeS: between(3_600, 14_400),
  windingTimeS: between(120, 900),
})

const STEPS = 24
const series = (min: number, max: number) =>
  fc
    .array(between(min, max), { minLength: STEPS, maxLength: STEPS })
    .map((values) => Float64Array.from(values))

test('any load within the caps keeps the hot spot below its limit at every moment', () => {
  fc.assert(
    fc.property(
      MODEL,
      between(0, 0.8),
      series(-20, 40),
      series(0.2, 3),
      series(0, 1),
      fc.constantFrom(300, 900, 3_600),
      (model, before, ambientC, most, use, stepS) => {
        const start = steadyState(model, before, 0)
        fc.pre(hotSpotC(start) <= model.hotSpotLimitC)
        const least = new Float64Array(STEPS)
        const caps = permittedLoad(model, start, { stepS, ambientC, least, most })
        let state = start
        caps.forEach((cap, t) => {
          expect(cap).toBeLessThanOrEqual(Math.min(model.maxFactor, most[t]))
          // The load changes within the step too, anywhere below the cap.
          for (let part = 0; part < 20; part++) {
            const load = cap * (part % 3 === 0 ? 1 : use[(t + part) % STEPS])
            state = advance(model, state, load, ambientC[t], stepS / 20)
            expect(hotSpotC(state)).toBeLessThanOrEqual(model.hotSpotLimitC + 1e-6)
          }
        })
      },
    ),
    { numRuns: 200 },
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildSchedule, type LimitSegment } from '../../src/engine/schedule.ts'

const segments = fc
  .array(
    fc.record({
      forMs: fc.integer({ min: 1, max: 400_000 }),
      limitA: fc.integer({ min: 0, max: 400 }),
    }),
    {
      minLength: 1,
      maxLength: 20,
    },
  )
  .map((parts) => {
    let startMs = 1_700_000_000_123
    return parts.map(({ forMs, limitA }): LimitSegment => {
      const segment = { startMs, endMs: startMs + forMs, limitA: limitA / 10 }
      startMs += forMs
      return segment
    })
  })

const limits = fc.record({
  unit: fc.constantFrom('A' as const, 'W' as const),
  step: fc.constantFrom(1, 0.5, 100),
  maxPeriods: fc.integer({ min: 1, max: 24 }),
  wattsPerAmp: fc.constantFrom(230, 690),
  numberPhases: fc.constantFrom(1 as const, 3 as const),
  minA: fc.constantFrom(0, 6),
  leadMs: fc.constant(60_000),
})

test('a schedule fits the station and is nowhere above what was asked', () => {
  fc.assert(
    fc.property(segments, limits, (input, limit) => {
      const schedule = buildSchedule(input, limit)
      const { periods } = schedule
      expect(periods[0].startS).toBe(0)
      expect(periods.length).toBeLessThanOrEqual(limit.maxPeriods)
      expect(schedule.startMs % 1000).toBe(0)
      expect(schedule.startMs).toBeLessThanOrEqual(input[0].startMs - limit.leadMs)
      const endMs = schedule.startMs + schedule.durationS! * 1000
      expect(endMs).toBeLessThanOrEqual(input.at(-1)!.endMs)
      periods.forEach((period, k) => {
        if (k > 0) expect(period.startS).toBeGreaterThan(periods[k - 1].startS)
        expect(
          Math.abs(period.limit / limit.step - Math.round(period.limit / limit.step)),
        ).toBeLessThan(1e-9)
      })
      const factor = limit.unit === 'A' ? 1 : limit.wattsPerAmp
      const probes = [
        ...input.flatMap((s) => [s.startMs, s.endMs - 1, (s.startMs + s.endMs) / 2]),
        ...periods.map((p) => schedule.startMs + p.startS * 1000),
      ].filter((at) => at >= input[0].startMs && at < endMs)
      for (const at of probes) {
        const asked = input.find((s) => at >= s.startMs && at < s.endMs)!.limitA
        const said =
          periods.findLast((p) => schedule.startMs + p.startS * 1000 <= at)!.limit / factor
        expect(said).toBeLessThanOrEqual(asked + 1e-9)
        expect(said === 0 || said >= limit.minA - limit.step).toBe(true)
      }
    }),
    { numRuns: 500 },
  )
})

test('what fits is said exactly', () => {
  const input = [
    { startMs: 60_000, endMs: 120_000, limitA: 16.7 },
    { startMs: 120_000, endMs: 180_000, limitA: 16.2 },
    { startMs: 180_000, endMs: 240_000, limitA: 5.9 },
    { startMs: 240_000, endMs: 300_000, limitA: 32 },
  ]
  const schedule = buildSchedule(input, {
    unit: 'A',
    step: 1,
    maxPeriods: 10,
    wattsPerAmp: 690,
    numberPhases: 3,
    minA: 6,
    leadMs: 60_000,
  })
  expect(schedule).toEqual({
    startMs: 0,
    durationS: 300,
    unit: 'A',
    numberPhases: 3,
    periods: [
      { startS: 0, limit: 16 },
      { startS: 180, limit: 0 },
      { startS: 240, limit: 32 },
    ],
  })
})

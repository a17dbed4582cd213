import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { barScale, layBar, type BarValues } from '../../../src/web/drawing/bar.ts'
import { hourMarks } from '../../../src/web/drawing/hours.ts'
import { stepArea, stepLine } from '../../../src/web/drawing/path.ts'
import { linearScale } from '../../../src/web/drawing/scale.ts'

const amperes = fc.double({ min: -200, max: 500, noNaN: true })
const positive = fc.double({ min: 0, max: 500, noNaN: true })
const bar = fc.record({
  base: amperes,
  ev: positive,
  mayDraw: positive,
  limit: fc.option(positive),
  margin: fc.double({ min: 0, max: 0.5, noNaN: true }),
}) satisfies fc.Arbitrary<BarValues>

describe('bars', () => {
  test('parts follow one another, and nothing leaves the frame', () => {
    fc.assert(
      fc.property(fc.array(bar, { minLength: 1, maxLength: 4 }), (bars) => {
        const scale = barScale(bars)
        for (const values of bars) {
          const laid = layBar(values, scale)
          expect(laid.ev.to).toBeCloseTo(laid.reserve.from)
          // Positions are exact to a rounding error.
          for (const { from, to } of [laid.base, laid.surplus, laid.ev, laid.reserve, laid.over]) {
            expect(from).toBeGreaterThanOrEqual(0)
            expect(to).toBeGreaterThanOrEqual(from)
            expect(to).toBeLessThanOrEqual(100 + 1e-9)
          }
        }
      }),
    )
  })

  test('the limit leaves room for an overload, which is marked', () => {
    const values = { base: 20, ev: 30, mayDraw: 60, limit: 60, margin: 0.05 }
    const laid = layBar(values, barScale([values]))
    expect(laid.limitAt).toBeCloseTo(75)
    expect(laid.marginAt).toBeCloseTo(71.25)
    expect(laid.over).toEqual({ from: 75, to: 100 })
    const calm = { ...values, mayDraw: 30 }
    expect(layBar(calm, barScale([calm])).limitAt).toBeLessThan(100)
  })

  test('own production moves the zero to the right, and vehicles start from it', () => {
    const values = { base: -20, ev: 10, mayDraw: 10, limit: 80, margin: 0 }
    const laid = layBar(values, { min: -20, max: 80 })
    expect(laid).toMatchObject({ zero: 20, surplus: { from: 0, to: 20 }, ev: { from: 0, to: 10 } })
    expect(laid.base).toEqual({ from: 20, to: 20 })
    expect(laid.marginAt).toBeNull()
  })
})

test('scales end at round numbers and hold what they are for', () => {
  expect(linearScale(0, 58, 200, 0, 4).ticks).toEqual([0, 20, 40, 60])
  expect(linearScale(-7, 31, 0, 1, 4).ticks).toEqual([-10, 0, 10, 20, 30, 40])
  fc.assert(
    fc.property(amperes, positive, (low, size) => {
      const { min, max, ticks, at } = linearScale(low, low + size, 100, 0, 4)
      expect(min).toBeLessThanOrEqual(low + 1e-6)
      expect(max).toBeGreaterThanOrEqual(low + size - 1e-6)
      expect(ticks.length).toBeLessThanOrEqual(8)
      expect([at(min), at(max)]).toEqual([100, 0])
    }),
  )
})

test('staircases run flat through each step', () => {
  expect(stepArea([0, 10, 20], [5, 5], [1, 2])).toBe('M0,1L10,1L10,2L20,2L20,5L10,5L10,5L0,5Z')
  expect(stepLine([0, 10, 20, 30], [1, null, 3])).toBe('M0,1L10,1M20,3L30,3')
  expect(stepArea([0], [], [])).toBe('')
})

describe('hours', () => {
  const hours = (from: string, timeZone: string, every: number): string[] => {
    const startMs = Date.parse(from)
    const show = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' })
    return hourMarks(startMs, startMs + 86_400_000, timeZone, every).map((at) => show.format(at))
  }

  test('stand at full hours of the site, in zones of quarters too', () => {
    expect(hours('2026-11-22T10:20:00Z', 'Asia/Kathmandu', 6)).toEqual([
      '18:00',
      '00:00',
      '06:00',
      '12:00',
    ])
  })

  test('stay at full hours when the clock changes', () => {
    const wished = ['15:00', '18:00', '21:00', '00:00', '03:00', '06:00', '09:00', '12:00']
    expect(hours('2026-03-28T12:30:00Z', 'Europe/Amsterdam', 3)).toEqual(wished)
  })
})

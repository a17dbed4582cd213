import { expect, test } from 'vitest'
import { TANGENTS, tangentsFor, type Phasor } from '../../../../src/engine/plan/phasor.ts'

const at = (degrees: number, size = 1): Phasor => ({
  re: size * Math.cos((degrees * Math.PI) / 180),
  im: size * Math.sin((degrees * Math.PI) / 180),
})

/** How far one may go in a direction until a row stops it, in parts of the circle's radius. */
const reach = (rows: ReturnType<typeof tangentsFor>, direction: Phasor): number =>
  Math.min(
    ...rows.map(({ cos, sin, scale }) => {
      const along = cos * direction.re + sin * direction.im
      return along > 1e-12 ? scale / along : Infinity
    }),
  )

test('loads along one axis get one exact row per sense', () => {
  expect(tangentsFor([at(0, 1), at(0, 1 / 3)])).toEqual([{ cos: 1, sin: 0, scale: 1 }])
  expect(tangentsFor([at(30), at(210)])).toHaveLength(2)
  expect(reach(tangentsFor([at(30), at(210)]), at(30))).toBeCloseTo(1, 12)
})

test('line-to-line loads get the chords between -30 and 30 degrees only', () => {
  const rows = tangentsFor([at(30), at(-30)])
  expect(rows).toHaveLength(4)
  for (const degrees of [-30, -15, 0, 15, 30]) expect(reach(rows, at(degrees))).toBeCloseTo(1, 9)
})

test('the polygon is inside the circle and gives away less than one percent', () => {
  const rows = tangentsFor([at(30), at(-30), at(210), at(150)])
  expect(rows).toHaveLength(TANGENTS)
  for (let degrees = 0; degrees < 360; degrees++) {
    expect(reach(rows, at(degrees))).toBeLessThanOrEqual(1 + 1e-12)
    expect(reach(rows, at(degrees))).toBeGreaterThan(0.991)
  }
})

test('no loads, no rows', () => {
  expect(tangentsFor([])).toEqual([])
})

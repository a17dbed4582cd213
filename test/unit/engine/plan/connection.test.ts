import { expect, test } from 'vitest'
import { bandAt, buildBands } from '../../../../src/engine/plan/bands.ts'
import {
  buildConnection,
  buildPeak,
  connectionCost,
  peakKw,
} from '../../../../src/engine/plan/connection.ts'
import type { PlanProblem } from '../../../../src/engine/plan/problem.ts'
import { flat, problem } from './problems.ts'

const all = (steps: number): Uint8Array => new Uint8Array(steps).fill(1)
const connect = (over: Partial<PlanProblem>) => buildConnection(problem(over), [])

test.each([
  [0, [0, 0, 1, 1, 2, 2, 3, 3]],
  [1, [0, 1, 1, 2, 2, 3, 3, 4]],
  [-1, [0, 1, 1, 2, 2, 3, 3, 4]],
  [4, [0, 0, 1, 1, 2, 2, 3, 3]],
])('windows of two steps with offset %i', (offset, windows) => {
  const peak = { pricePerKw: 1, billedW: 0, windowSteps: 2, offset, mask: all(8) }
  expect([...buildPeak(peak, 8, 0.25).window]).toEqual(windows)
})

test('a window cut by the horizon averages what is inside', () => {
  const peak = { pricePerKw: 1, billedW: 0, windowSteps: 4, offset: 1, mask: all(6) }
  expect([...buildPeak(peak, 6, 0.25).kwPerKWh]).toEqual([4, 1, 4])
})

test('masked steps do not count', () => {
  const mask = Uint8Array.of(1, 0, 1, 1)
  const peaks = [{ pricePerKw: 1, billedW: 0, windowSteps: 1, offset: 0, mask }]
  const connection = connect({ peaks })
  expect(peakKw(connection, connection.peaks[0], Float64Array.of(1, 9, 0.5, 0))).toBe(4)
})

test('costs are those beyond nothing planned', () => {
  const baseW = Float64Array.of(4000, -4000, 0, 0)
  const connection = connect({ baseW })
  expect(connectionCost(connection, flat(4, 0))).toEqual({ energy: 0, tracking: 0, peak: 0 })
  const { energy } = connectionCost(connection, Float64Array.of(1, 2, 0, -1))
  // 1 bought; 1 of surplus and 1 bought; nothing; 1 sold.
  expect(energy).toBeCloseTo(0.25 + (0.06 + 0.25) - 0.06, 12)
})

test('feeding in never earns more than importing costs', () => {
  const { exportPrice } = connect({ exportPrice: flat(4, 0.4), importPrice: flat(4, 0.3) })
  expect([...exportPrice]).toEqual([0.3, 0.3, 0.3, 0.3])
})

test('bands: surplus first, then the grid, and a setpoint in between', () => {
  const baseW = Float64Array.of(-4000, 0)
  const setpoint = { powerW: Float64Array.of(8000, 0), pricePerKwh: 0.5 }
  const connection = connect({ steps: 2, baseW, setpoint })
  const bands = buildBands(connection)
  const ofFirst = [...bands.step.keys()].filter((b) => bands.step[b] === 0)
  expect(ofFirst.map((b) => [bands.upTo[b], bands.imports[b]])).toEqual([
    [1, 0],
    [2, 1],
    [Infinity, 1],
  ])
  expect(ofFirst.map((b) => bands.price[b])).toEqual([0.06 - 0.5, 0.25 - 0.5, 0.25 + 0.5])
  expect(bandAt(connection, 0, 0.4)).toEqual({
    price: 0.06 - 0.5,
    room: expect.closeTo(0.6, 12),
    imports: false,
  })
  expect(bandAt(connection, 0, 1)).toMatchObject({ price: 0.25 - 0.5, room: 1, imports: true })
})

import { expect, test } from 'vitest'
import { oddSite } from '../../../../bench/planner/odd-site.ts'
import { draws } from '../../../../bench/planner/random.ts'
import { curvatureOf } from '../../../../src/engine/plan/curvature.ts'
import { compile } from '../../../../src/engine/plan/model.ts'
import {
  evaluate,
  recentre,
  relax,
  type Relaxation,
} from '../../../../src/engine/plan/relaxation.ts'

/**
 * The relaxed value against finite differences: the gradient is how much rows are exceeded, the
 * curvature how that changes. Random duals on sites with every feature.
 */
const EPS = 0.3
const DELTA = 0.05
const SEEDS = [3, 8, 13, 21, 34, 40, 47, 52, 87, 93]

const randomPoint = (seed: number): Relaxation => {
  const random = draws(seed)
  const relaxation = relax(compile(oddSite({ seed })))
  const { duals, rows, whole } = relaxation
  const scatter = (): void => {
    for (const r of whole.rows) {
      if (random.chance(0.5)) duals[r] = random.between(rows.low[r], Math.min(rows.high[r], 0.4))
    }
  }
  scatter()
  evaluate(relaxation, whole, EPS, DELTA)
  recentre(relaxation)
  scatter()
  return relaxation
}

const valueAt = (relaxation: Relaxation, point: Float64Array): number => {
  relaxation.duals.set(point)
  return evaluate(relaxation, relaxation.whole, EPS, DELTA)
}

const direction = (relaxation: Relaxation, seed: number): Float64Array => {
  const random = draws(seed + 1)
  const v = new Float64Array(relaxation.duals.length)
  for (const r of relaxation.whole.rows) v[r] = random.normal()
  return v
}

const shifted = (point: Float64Array, v: Float64Array, h: number): Float64Array =>
  point.map((value, r) => value + h * v[r])

test.each(SEEDS)('the gradient is the slope of the value (site %i)', (seed) => {
  const relaxation = randomPoint(seed)
  const point = relaxation.duals.slice()
  const v = direction(relaxation, seed)
  const h = 1e-5
  const slope =
    (valueAt(relaxation, shifted(point, v, h)) - valueAt(relaxation, shifted(point, v, -h))) /
    (2 * h)
  valueAt(relaxation, point)
  const promised = relaxation.whole.rows.reduce((sum, r) => sum + relaxation.gradient[r] * v[r], 0)
  const size = Math.hypot(...relaxation.whole.rows.map((r) => relaxation.gradient[r]))
  expect(Math.abs(slope - promised)).toBeLessThan(2e-3 * (1 + size))
})

test.each(SEEDS)('the curvature is the slope of the gradient (site %i)', (seed) => {
  const relaxation = randomPoint(seed)
  const { whole, gradient } = relaxation
  const point = relaxation.duals.slice()
  const v = direction(relaxation, seed)
  const curvature = curvatureOf(relaxation, whole)
  valueAt(relaxation, point)
  curvature.build(new Uint8Array(whole.rows.length).fill(1), EPS, DELTA)
  const product = new Float64Array(whole.rows.length)
  curvature.multiply(
    Float64Array.from(whole.rows, (r) => v[r]),
    product,
  )
  const before = Float64Array.from(whole.rows, (r) => gradient[r])
  const h = 1e-7
  valueAt(relaxation, shifted(point, v, h))
  const change = Float64Array.from(whole.rows, (r, k) => (before[k] - gradient[r]) / h)
  const error = Math.hypot(...change.map((value, k) => value - product[k]))
  expect(error).toBeLessThan(1e-3 * (1 + Math.hypot(...change)))
})

test('the diagonal is that of the products', () => {
  const relaxation = randomPoint(47)
  const { whole } = relaxation
  valueAt(relaxation, relaxation.duals.slice())
  const curvature = curvatureOf(relaxation, whole)
  curvature.build(new Uint8Array(whole.rows.length).fill(1), EPS, DELTA)
  const unit = new Float64Array(whole.rows.length)
  const product = new Float64Array(whole.rows.length)
  for (let k = 0; k < whole.rows.length; k += 7) {
    unit.fill(0)
    unit[k] = 1
    curvature.multiply(unit, product)
    // The diagonal leaves out what the members of one set do to each other on the same row.
    expect(curvature.diagonal[k]).toBeGreaterThanOrEqual(product[k] - 1e-9)
  }
})

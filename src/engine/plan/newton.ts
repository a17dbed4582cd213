import { boundedStep } from './bounded-step.ts'
import { curvatureOf } from './curvature.ts'
import type { FullDiagonal } from './full-diagonal.ts'
import { evaluate, type Relaxation } from './relaxation.ts'
import type { Scope } from './scope.ts'

/**
 * Maximises the relaxed value over the duals of a scope: a damped semismooth Newton method.
 *
 *     active rows   those that can bind, unless at a limit with the gradient pointing outwards
 *     step          maximises  gradient d - d (H + theta F) d / 2  within the limits of the duals
 *     trial         duals + alpha d           alpha shrinks until the value rises enough
 *
 * F is the diagonal that H would have if everything could move: a scale that is always positive
 * and knows which rows are heavy. theta falls when the model predicts the rise well and grows
 * when it does not (Levenberg's and Marquardt's idea).
 */
export interface Newton {
  /** Ends within the tolerance (true), or out of steps or time (false). */
  maximise(stage: Stage): boolean
}

export interface Stage {
  readonly eps: number
  readonly delta: number
  /** Stop when the optimum seems to be no further away than this (money), given the value. */
  readonly tolerance: (value: number) => number
  readonly maxSteps: number
  readonly isLate: () => boolean
  /** Called between steps; true when it has changed duals. */
  readonly polish?: (tolerance: number) => boolean
}

export interface Counts {
  evaluations: number
  steps: number
  products: number
}

const FIRST_THETA = 0.1
const LEAST_THETA = 1e-7
const MOST_THETA = 10
const MAX_TRIALS = 4
const MAX_STALLS = 4
/** Price assumed for a kWh beyond a hard limit when judging how far from done we are. */
const VIOLATION_PRICE = 0.5

/** What the present dual and gradient of row r may still be worth; 0 when it is not active. */
const distanceOf = ({ rows, gradient, duals }: Relaxation, r: number): number => {
  const g = gradient[r]
  const at = duals[r]
  if (g <= 0) return at > rows.low[r] ? g * (rows.low[r] - at) : 0
  if (rows.high[r] === Infinity) return g * (at + VIOLATION_PRICE)
  return at < rows.high[r] ? g * (rows.high[r] - at) : 0
}

/** Estimate of how far a scope is from its optimum, in money. */
export const distanceIn = (relaxation: Relaxation, { rows }: Scope): number => {
  let distance = 0
  for (let k = 0; k < rows.length; k++) distance += distanceOf(relaxation, rows[k])
  return distance
}

export const newtonOn = (
  relaxation: Relaxation,
  scope: Scope,
  full: FullDiagonal,
  counts: Counts,
): Newton => {
  const { gradient, duals } = relaxation
  const { low, high } = relaxation.rows
  const size = scope.rows.length
  const active = new Uint8Array(size)
  const before = new Float64Array(size)
  const slope = new Float64Array(size)
  const damping = new Float64Array(size)
  const curvature = curvatureOf(relaxation, scope)
  const solver = boundedStep(size, curvature)
  let theta = FIRST_THETA

  const value = ({ eps, delta }: Stage): number => {
    counts.evaluations++
    return evaluate(relaxation, scope, eps, delta)
  }

  const isActive = (r: number): boolean =>
    gradient[r] > 0 ? duals[r] < high[r] : duals[r] > low[r]

  /** Solves for a step over the active rows. */
  const aim = ({ eps, delta }: Stage): void => {
    for (let k = 0; k < size; k++) active[k] = isActive(scope.rows[k]) ? 1 : 0
    curvature.build(active, eps, delta)
    for (let k = 0; k < curvature.count; k++) {
      const r = curvature.row[k]
      damping[k] = theta * (full.devices[r] / eps + full.peaks[r] / delta) + 1e-12
      before[k] = duals[r]
      slope[k] = gradient[r]
      solver.right[k] = gradient[r]
      solver.least[k] = low[r] - duals[r]
      solver.most[k] = high[r] - duals[r]
    }
    counts.products += solver.solve(curvature.count, damping)
  }

  /** Sets the duals alpha along the step; returns the rise that the slope promises. */
  const move = (alpha: number): number => {
    let promised = 0
    for (let k = 0; k < curvature.count; k++) {
      const r = curvature.row[k]
      const wanted = before[k] + alpha * solver.step[k]
      duals[r] = Math.min(high[r], Math.max(low[r], wanted))
      promised += slope[k] * (duals[r] - before[k])
    }
    return promised
  }

  /** Moves along the step until the value rises; NaN (and no move) when it does not. */
  const search = (from: number, stage: Stage): number => {
    let alpha = 1
    for (let trial = 0; trial < MAX_TRIALS; trial++) {
      const promised = move(alpha)
      const rise = value(stage) - from
      const ratio = rise / promised
      if (rise >= 0.05 * promised - 1e-12 * Math.abs(from)) {
        if (trial > 0) theta = Math.min(theta * 2, 4)
        else if (ratio > 0.4) theta = Math.max(theta * 0.5, LEAST_THETA)
        else if (ratio < 0.2) theta = Math.min(theta * 1.5, 4)
        return from + rise
      }
      // The top of the parabola through value and slope at 0 and the value here.
      alpha *= Math.min(0.5, Math.max(0.05, 0.5 / (1 - ratio)))
    }
    theta = Math.min(Math.max(theta, 1e-4) * 10, MOST_THETA)
    move(0)
    return NaN
  }

  /** As the name says; polishes first where that is wanted. Returns NaN when done. */
  const check = (from: number, stage: Stage): number => {
    const tolerance = stage.tolerance(from)
    if (distanceIn(relaxation, scope) <= tolerance) return NaN
    if (stage.polish === undefined || !stage.polish(tolerance)) return from
    const polished = value(stage)
    return distanceIn(relaxation, scope) <= tolerance ? NaN : polished
  }

  return {
    maximise: (stage) => {
      let from = value(stage)
      let stalls = 0
      for (let step = 0; step < stage.maxSteps && !stage.isLate(); step++) {
        from = check(from, stage)
        if (Number.isNaN(from)) return true
        counts.steps++
        aim(stage)
        const reached = search(from, stage)
        if (!Number.isNaN(reached)) {
          from = reached
          stalls = 0
          continue
        }
        from = value(stage)
        if (theta >= MOST_THETA && ++stalls >= MAX_STALLS) return false
      }
      return false
    },
  }
}

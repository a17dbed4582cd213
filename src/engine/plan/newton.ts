import { boundedStep } from './bounded-step.ts'
import { curvatureOf } from './curvature.ts'
import type { FullDiagonal } from './full-diagonal.ts'
import { evaluate, type Relaxation } from './relaxation.ts'
import type { Scope } from './scope.ts'

/**
 * Maximises the relaxed value over the duals of a scope: a damped semismooth Newton method.
 *
 *     active rows   those that can bind, unless at a limit with the gradient pointing outwards
 *     step          (H + theta F) d = gradient      by conjugate gradients
 *     trial         clip(duals + alpha d)           alpha shrinks until the value rises enough
 *
 * F is the diagonal that H would have if every entry of every window could move: a scale that is
 * always positive and knows which rows are heavy. theta falls when the model predicts the rise
 * well and grows when it does not (Levenberg's and Marquardt's idea).
 */
export interface Newton {
  /** Ends within the tolerance (true), or out of steps or time (false). */
  maximise(stage: Stage): boolean
  readonly counts: Counts
}

export interface Stage {
  readonly eps: number
  readonly delta: number
  /** Stop when the optimum seems to be no further away than this, given the value. */
  readonly tolerance: (value: number) => number
  readonly polish?: (distance: number, tolerance: number) => boolean
  readonly maxSteps: number
  readonly isLate: () => boolean
}

export interface Counts {
  evaluations: number
  steps: number
  products: number
}

const DECR = Number((globalThis as any).process?.env.DECR ?? 0)
const FIRST_THETA = 0.3
const LEAST_THETA = 1e-7
const MOST_THETA = 10
const MAX_TRIALS = 4
const MAX_STALLS = 4
/** Price assumed for a kWh beyond a hard limit when judging how far from done we are. */
const VIOLATION_PRICE = 0.5

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

  /** Marks active rows; returns an estimate of the distance to the optimum in money. */
  const activate = (): number => {
    let distance = 0
    for (let k = 0; k < size; k++) {
      const r = scope.rows[k]
      const g = gradient[r]
      const at = duals[r]
      active[k] = (g > 0 ? at < high[r] : at > low[r]) ? 1 : 0
      if (active[k] === 0) continue
      if (g <= 0) distance += g * (low[r] - at)
      else distance += high[r] === Infinity ? g * (at + VIOLATION_PRICE) : g * (high[r] - at)
    }
    if (scope.isWhole) (globalThis as any).DI = distance
    return distance
  }

  /** Solves for a direction; the result is in `solver.step` over the active rows. */
  const aim = ({ eps, delta }: Stage): void => {
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

  /** Sets the duals alpha along the direction; returns the rise that the slope promises. */
  const move = (alpha: number): number => {
    let promised = 0
    for (let k = 0; k < curvature.count; k++) {
      const r = curvature.row[k]
      const wanted = before[k] + alpha * solver.step[k]
      duals[r] = wanted < low[r] ? low[r] : wanted > high[r] ? high[r] : wanted
      promised += slope[k] * (duals[r] - before[k])
    }
    return promised
  }

  /** Moves along the direction until the value rises; NaN (and no move) when it does not. */
  let lastPromise = Infinity
  const search = (from: number, stage: Stage): number => {
    let alpha = 1
    lastPromise = Infinity
    for (let trial = 0; trial < MAX_TRIALS; trial++) {
      const promised = move(alpha)
      if (trial === 0) lastPromise = promised
      const reached = value(stage)
      const ratio = (reached - from) / promised
      if ((globalThis as any).process.env.TRN && scope.isWhole)
        console.log(
          '   TRN',
          stage.eps.toFixed(3),
          'W',
          curvature.count,
          'a',
          alpha.toFixed(3),
          'th',
          theta.toExponential(1),
          'ratio',
          ratio.toFixed(3),
          'prom',
          promised.toExponential(2),
          'from',
          from.toFixed(4),
          'dist',
          (globalThis as any).DI,
        )
      if (ratio >= 0.05 || reached - from >= 0.05 * promised - 1e-12 * Math.abs(from)) {
        if (trial > 0) theta = Math.min(theta * 3, 4)
        else if (ratio > 0.4) theta = Math.max(theta * 0.6, LEAST_THETA)
        else if (ratio < 0.2) theta = Math.min(theta * 1.5, 4)
        return reached
      }
      // The top of the parabola through value and slope at 0 and the value here.
      alpha *= Math.min(0.5, Math.max(0.05, 0.5 / (1 - ratio)))
    }
    theta = Math.min(Math.max(theta, 1e-4) * 10, MOST_THETA)
    move(0)
    return NaN
  }

  return {
    counts,
    maximise: (stage) => {
      let from = value(stage)
      let stalls = 0
      for (let step = 0; step < stage.maxSteps && !stage.isLate(); step++) {
        let distance = activate()
        if (distance <= stage.tolerance(from)) return true
        if (stage.polish?.(distance, stage.tolerance(from)) === true) {
          from = value(stage)
          distance = activate()
          if (distance <= stage.tolerance(from)) return true
        }
        counts.steps++
        aim(stage)
        const reached = search(from, stage)
        if (Number.isNaN(reached)) {
          from = value(stage)
          if (theta >= MOST_THETA && ++stalls >= MAX_STALLS) return false
        } else {
          from = reached
          stalls = 0
          if (lastPromise < DECR * stage.tolerance(from)) return true
        }
      }
      return false
    },
  }
}

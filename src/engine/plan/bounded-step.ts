import type { Curvature } from './curvature.ts'

/**
 * The Newton step with limits: maximises  right d - d (H + diag(damping)) d / 2  over
 * least <= d <= most.
 *
 * Conjugate gradients with the diagonal as preconditioner; what then lies beyond a limit is put
 * on it and stays there while the rest is solved again, a few times. Without the limits a dual
 * that stops at 0 would leave its partners running on: rows at the connection are often nearly
 * parallel (three phases and the peak), and then such a step goes far off.
 */
export interface BoundedStep {
  readonly right: Float64Array
  readonly least: Float64Array
  readonly most: Float64Array
  readonly step: Float64Array
  /** Returns the number of products with H. */
  solve(count: number, damping: Float64Array): number
}

/** Residual at which a round ends, as a part of the first, in the preconditioner's square norm. */
const REDUCTION = 5e-3
const MAX_PRODUCTS = 60
const ROUNDS = 4

export const boundedStep = (size: number, curvature: Curvature): BoundedStep => {
  const right = new Float64Array(size)
  const least = new Float64Array(size)
  const most = new Float64Array(size)
  const step = new Float64Array(size)
  const residual = new Float64Array(size)
  const search = new Float64Array(size)
  const product = new Float64Array(size)
  const inverse = new Float64Array(size)
  /** 0 for rows that have been put on a limit. */
  const isFree = new Uint8Array(size)
  let enough = 0

  const apply = (v: Float64Array, count: number, damping: Float64Array): void => {
    curvature.multiply(v, product)
    for (let k = 0; k < count; k++) product[k] += damping[k] * v[k]
  }

  /** Improves `step` on the free rows, given the residual; returns the number of products. */
  const descend = (count: number, damping: Float64Array): number => {
    let rz = 0
    for (let k = 0; k < count; k++) {
      search[k] = isFree[k] === 1 ? residual[k] * inverse[k] : 0
      rz += residual[k] * search[k]
    }
    let products = 0
    while (rz > enough && products < MAX_PRODUCTS) {
      apply(search, count, damping)
      products++
      let curved = 0
      for (let k = 0; k < count; k++) curved += search[k] * product[k]
      if (!(curved > 0)) break
      const alpha = rz / curved
      let next = 0
      for (let k = 0; k < count; k++) {
        if (isFree[k] === 0) continue
        step[k] += alpha * search[k]
        residual[k] -= alpha * product[k]
        next += residual[k] * residual[k] * inverse[k]
      }
      const beta = next / rz
      rz = next
      for (let k = 0; k < count; k++) {
        if (isFree[k] === 1) search[k] = residual[k] * inverse[k] + beta * search[k]
      }
    }
    return products
  }

  /** Puts what lies beyond a limit on it; true if there was any. */
  const confine = (count: number): boolean => {
    let any = false
    for (let k = 0; k < count; k++) {
      if (isFree[k] === 0 || (step[k] >= least[k] && step[k] <= most[k])) continue
      step[k] = step[k] < least[k] ? least[k] : most[k]
      isFree[k] = 0
      any = true
    }
    return any
  }

  const solve = (count: number, damping: Float64Array): number => {
    let rz = 0
    for (let k = 0; k < count; k++) {
      inverse[k] = 1 / (curvature.diagonal[k] + damping[k])
      step[k] = 0
      isFree[k] = 1
      residual[k] = right[k]
      rz += right[k] * right[k] * inverse[k]
    }
    enough = REDUCTION * rz
    let products = descend(count, damping)
    for (let round = 1; round < ROUNDS && confine(count); round++) {
      apply(step, count, damping)
      for (let k = 0; k < count; k++) residual[k] = right[k] - product[k]
      products += 1 + descend(count, damping)
    }
    confine(count)
    return products
  }
  return { right, least, most, step, solve }
}

import type { Curvature } from './curvature.ts'

/**
 * (H + diag(damping)) d = right by conjugate gradients with the diagonal as preconditioner.
 * Newton's method needs the direction only roughly: the residual is reduced by `REDUCTION` in the
 * preconditioner's square norm.
 */
export interface ConjugateGradients {
  readonly right: Float64Array
  readonly direction: Float64Array
  /** Returns the number of products with H. */
  solve(count: number, damping: Float64Array): number
}

const REDUCTION = 2e-3
const MAX_PRODUCTS = 200

export const conjugateGradients = (size: number, curvature: Curvature): ConjugateGradients => {
  const right = new Float64Array(size)
  const direction = new Float64Array(size)
  const search = new Float64Array(size)
  const product = new Float64Array(size)
  const inverse = new Float64Array(size)

  const solve = (count: number, damping: Float64Array): number => {
    const { diagonal } = curvature
    let rz = 0
    for (let k = 0; k < count; k++) {
      inverse[k] = 1 / (diagonal[k] + damping[k])
      direction[k] = 0
      search[k] = right[k] * inverse[k]
      rz += right[k] * search[k]
    }
    const enough = REDUCTION * rz
    for (let n = 1; n <= MAX_PRODUCTS; n++) {
      curvature.multiply(search, product)
      let curved = 0
      for (let k = 0; k < count; k++) {
        product[k] += damping[k] * search[k]
        curved += search[k] * product[k]
      }
      if (!(curved > 0)) return n
      const alpha = rz / curved
      let next = 0
      for (let k = 0; k < count; k++) {
        direction[k] += alpha * search[k]
        right[k] -= alpha * product[k]
        next += right[k] * right[k] * inverse[k]
      }
      if (next < enough) return n
      const beta = next / rz
      rz = next
      for (let k = 0; k < count; k++) search[k] = right[k] * inverse[k] + beta * search[k]
    }
    return MAX_PRODUCTS
  }
  return { right, direction, solve }
}

import type { Network } from './network.ts'
import type { Scope } from './scope.ts'

/**
 * The two directions through the tree. Down: the price that a class sees is the price at the
 * connection plus the dual prices of the rows on its path. Up: the load of a row is the sum of
 * the classes below it. Both O(classes * rows on the path * steps), without allocation.
 */

/** Marks the blocks that have a dual other than 0: few of them, and the others can be passed over. */
export const markPriced = (
  blocks: Int32Array,
  steps: number,
  duals: Float64Array,
  isPriced: Uint8Array,
): void => {
  for (const b of blocks) {
    isPriced[b] = 0
    for (let row = b * steps; row < (b + 1) * steps; row++) {
      if (duals[row] !== 0) {
        isPriced[b] = 1
        break
      }
    }
  }
}

/** `prices[c * steps + t] = stepPrice[t] + sum of coef * dual` for classes `first .. last`. */
export const sweepPrices = (
  network: Network,
  duals: Float64Array,
  isPriced: Uint8Array,
  stepPrice: Float64Array,
  prices: Float64Array,
  first = 0,
  last = network.classes,
): void => {
  const { steps, start, block, coef } = network
  for (let c = first; c < last; c++) {
    const at = c * steps
    for (let t = 0; t < steps; t++) prices[at + t] = stepPrice[t]
    for (let j = start[c]; j < start[c + 1]; j++) {
      if (isPriced[block[j]] === 0) continue
      const row = block[j] * steps
      const k = coef[j]
      for (let t = 0; t < steps; t++) prices[at + t] += k * duals[row + t]
    }
  }
}

/** Adds the loads of the classes of a scope to `rowLoads` of its rows. */
export const sweepLoads = (
  scope: Scope,
  steps: number,
  classLoads: Float64Array,
  rowLoads: Float64Array,
): void => {
  const { firstClass, lastClass, blocks, start, block, coef } = scope
  for (let c = firstClass; c < lastClass; c++) {
    const at = c * steps
    for (let j = start[c - firstClass]; j < start[c - firstClass + 1]; j++) {
      const row = blocks[block[j]] * steps
      const k = coef[j]
      for (let t = 0; t < steps; t++) rowLoads[row + t] += k * classLoads[at + t]
    }
  }
}

/** `total[t]`: the loads of all classes together. */
export const sumClasses = (
  { classes, steps }: Network,
  classLoads: Float64Array,
  total: Float64Array,
): void => {
  total.fill(0)
  for (let c = 0; c < classes; c++) {
    const at = c * steps
    for (let t = 0; t < steps; t++) total[t] += classLoads[at + t]
  }
}

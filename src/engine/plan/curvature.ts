import { connectionCurvature } from './curvature-connection.ts'
import type { FreeSets } from './devices/fleet.ts'
import type { Relaxation } from './relaxation.ts'
import type { Scope } from './scope.ts'

/**
 * The negative second derivative of the relaxed value on the active rows, never formed:
 *
 *     H v = loads( sets( prices( v ) ) )
 *
 * A change v of the duals changes the price of every cell (down through the tree), the free sets
 * turn that into load changes, and those add up on the rows (up through the tree). A set works on
 * stretches of neighbouring cells: with running sums of the price changes its energy balance
 * costs one difference per stretch, and what the balance takes back is written as the two ends of
 * a step. O(classes * steps + stretches + active rows * classes below) per product.
 */
export interface Curvature {
  /** Number of active rows and their ids, ascending. */
  count: number
  readonly row: Int32Array
  readonly diagonal: Float64Array
  /**
   * Takes the active rows (`active[k]` for row k of the scope) and the free sets of the last
   * evaluation.
   */
  build(active: Uint8Array, eps: number, delta: number): void
  /** out = H v, both over the active rows. */
  multiply(v: Float64Array, out: Float64Array): void
}

/** Adds `value` on the cells of every stretch of a run, as differences. */
const mark = (
  free: FreeSets,
  run: number,
  firstCell: number,
  value: number,
  differences: Float64Array,
): void => {
  const { runStart, from, to } = free
  for (let s = runStart[run]; s < runStart[run + 1]; s++) {
    differences[from[s] - firstCell] += value
    differences[to[s] - firstCell] -= value
  }
}

const integrate = (differences: Float64Array, values: Float64Array): void => {
  let sum = 0
  for (let c = 0; c < values.length; c++) {
    sum += differences[c]
    values[c] = sum
  }
}

/** What the balances of the sets take back, as differences, given running sums of prices. */
const takeBack = (
  free: FreeSets,
  firstCell: number,
  sums: Float64Array,
  differences: Float64Array,
): void => {
  const { sets, setRun, balance, runStart, pull, from, to } = free
  for (let set = 0; set < sets; set++) {
    if (balance[set] === 0) continue
    let total = 0
    for (let run = setRun[set]; run < setRun[set + 1]; run++) {
      let sum = 0
      for (let s = runStart[run]; s < runStart[run + 1]; s++) {
        sum += sums[to[s] - firstCell] - sums[from[s] - firstCell]
      }
      total += pull[run] * sum
    }
    total *= balance[set]
    for (let run = setRun[set]; run < setRun[set + 1]; run++) {
      mark(free, run, firstCell, pull[run] * total, differences)
    }
  }
}

export const curvatureOf = (relaxation: Relaxation, scope: Scope): Curvature => {
  const { rows } = relaxation
  const { steps } = relaxation.model
  const { blocks, start, block, coef } = scope
  const classes = scope.lastClass - scope.firstClass
  const cells = classes * steps
  const firstCell = scope.firstClass * steps
  const free = scope.fleets.map((fleet) => fleet.free)
  const connection = scope.isWhole ? connectionCurvature(relaxation) : null
  const row = new Int32Array(scope.rows.length)
  const stepOf = new Int32Array(scope.rows.length)
  const diagonal = new Float64Array(scope.rows.length)
  /** First active row of each block. */
  const blockStart = new Int32Array(blocks.length + 1)
  const weight = new Float64Array(cells)
  const change = new Float64Array(cells)
  const load = new Float64Array(cells)
  const sums = new Float64Array(cells + 1)
  const differences = new Float64Array(cells + 1)
  const perStep = new Float64Array(steps)
  const noChange = new Float64Array(steps)
  let [invEps, currentEps, currentDelta] = [1, 1, 1]

  const chooseRows = (active: Uint8Array): void => {
    let count = 0
    let nextBlock = 0
    for (let k = 0; k < active.length; k++) {
      if (active[k] === 0) continue
      const r = scope.rows[k]
      const owner = r < rows.network ? Math.floor(r / steps) : Infinity
      while (nextBlock < blocks.length && blocks[nextBlock] <= owner) {
        blockStart[nextBlock++] = count
      }
      row[count] = r
      stepOf[count] = r % steps
      diagonal[count++] = 0
    }
    while (nextBlock < blocks.length) blockStart[nextBlock++] = count
    self.count = count
    blockStart[blocks.length] = connection === null ? count : connection.choose(row, count)
  }

  /** Marks the weight of every run, less what its own set takes back when `isOwn`. */
  const markWeights = (isOwn: boolean): void => {
    differences.fill(0)
    for (const one of free) {
      for (let set = 0; set < one.sets; set++) {
        const share = isOwn ? one.balance[set] : 0
        for (let run = one.setRun[set]; run < one.setRun[set + 1]; run++) {
          const own = one.weight[run] - share * one.pull[run] * one.pull[run]
          mark(one, run, firstCell, own, differences)
        }
      }
    }
  }

  /** Adds the loads of class c to its active rows and to `perStep`. */
  const sweepUp = (c: number, loads: Float64Array, isSquared: boolean, out: Float64Array): void => {
    const at = c * steps
    for (let j = start[c]; j < start[c + 1]; j++) {
      const k = (isSquared ? coef[j] * coef[j] : coef[j]) * invEps
      const last = blockStart[block[j] + 1]
      for (let q = blockStart[block[j]]; q < last; q++) out[q] += k * loads[at + stepOf[q]]
    }
    if (connection === null) return
    for (let t = 0; t < steps; t++) perStep[t] += loads[at + t]
  }

  /** Diagonal of H: what every cell can move by itself. */
  const fillDiagonal = (): void => {
    markWeights(true)
    perStep.fill(0)
    let own = 0
    for (let c = 0; c < classes; c++) {
      for (let cell = c * steps; cell < (c + 1) * steps; cell++) {
        own += differences[cell]
        load[cell] = own
      }
      sweepUp(c, load, true, diagonal)
    }
  }

  /** Price changes of all cells, and their running sums. */
  const sweepDown = (v: Float64Array): void => {
    const stepIn = connection === null ? noChange : connection.down(v)
    let sum = 0
    for (let c = 0; c < classes; c++) {
      const at = c * steps
      for (let t = 0; t < steps; t++) change[at + t] = stepIn[t]
      for (let j = start[c]; j < start[c + 1]; j++) {
        const k = coef[j]
        const last = blockStart[block[j] + 1]
        for (let q = blockStart[block[j]]; q < last; q++) change[at + stepOf[q]] += k * v[q]
      }
      for (let cell = at; cell < at + steps; cell++) {
        sums[cell] = sum
        sum += change[cell]
      }
    }
    sums[cells] = sum
  }

  const self: Curvature = {
    count: 0,
    row,
    diagonal,
    build: (active, eps, delta) => {
      invEps = 1 / eps
      currentEps = eps
      currentDelta = delta
      chooseRows(active)
      fillDiagonal()
      connection?.diagonal(perStep, eps, delta, diagonal)
      markWeights(false)
      integrate(differences, weight)
    },
    multiply: (v, out) => {
      sweepDown(v)
      differences.fill(0)
      for (const one of free) takeBack(one, firstCell, sums, differences)
      out.fill(0, 0, self.count)
      perStep.fill(0)
      let taken = 0
      for (let c = 0; c < classes; c++) {
        for (let cell = c * steps; cell < (c + 1) * steps; cell++) {
          taken += differences[cell]
          load[cell] = weight[cell] * change[cell] - taken
        }
        sweepUp(c, load, false, out)
      }
      connection?.up(v, perStep, currentEps, currentDelta, out)
    },
  }
  return self
}

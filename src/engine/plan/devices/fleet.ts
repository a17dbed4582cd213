/**
 * What the solver asks of a kind of device. Prices and loads are indexed by cell
 * (class * steps + step); profiles are parts of full power, 0..1.
 */
export interface Fleet {
  /**
   * The best profiles at these prices when moving away from the centre costs
   * `eps / 2 * full * (part - centre)^2`. Adds their energy to `loads` (kWh per cell) and returns
   * their cost including that of moving.
   */
  respond(prices: Float64Array, eps: number, loads: Float64Array): number
  /** How the loads of the last response change with the prices. */
  readonly free: FreeSets
}

/**
 * The derivative of a response. Entries strictly between their limits can move; neighbours in
 * time form a stretch of cells. Stretches with the same weight and pull form a run, the runs
 * under one energy balance a set:
 *
 *     -eps * d load_j / d price = weight_j * dprice_j - pull_j * balance * sum_l pull_l * dprice_l
 *
 * with balance = 1 / sum(pull^2 / weight) over the set, or 0 where no balance binds.
 */
export interface FreeSets {
  sets: number
  runs: number
  stretches: number
  /** First run of each set, `sets + 1` values in use. */
  readonly setRun: Int32Array
  readonly balance: Float64Array
  /** First stretch of each run, `runs + 1` values in use. */
  readonly runStart: Int32Array
  readonly weight: Float64Array
  readonly pull: Float64Array
  /** First cell of each stretch and the one after its last. */
  readonly from: Int32Array
  readonly to: Int32Array
}

export const freeSets = (maxSets: number, maxRuns: number, maxStretches: number): FreeSets => ({
  sets: 0,
  runs: 0,
  stretches: 0,
  setRun: new Int32Array(maxSets + 1),
  balance: new Float64Array(maxSets),
  runStart: new Int32Array(maxRuns + 1),
  weight: new Float64Array(maxRuns),
  pull: new Float64Array(maxRuns),
  from: new Int32Array(maxStretches),
  to: new Int32Array(maxStretches),
})

export const clearSets = (free: FreeSets): void => {
  free.sets = 0
  free.runs = 0
  free.stretches = 0
}

/** Ends the run of the stretches added since the last one, if any. */
export const endRun = (free: FreeSets, weight: number, pull: number): void => {
  const { runs } = free
  const start = runs === 0 ? 0 : free.runStart[runs]
  if (free.stretches === start) return
  free.runStart[runs] = start
  free.weight[runs] = weight
  free.pull[runs] = pull
  free.runStart[runs + 1] = free.stretches
  free.runs = runs + 1
}

/** Ends the set of the runs added since the last one; drops it when nothing in it can move. */
export const endSet = (free: FreeSets, isBalanced: boolean): void => {
  const { sets } = free
  const first = sets === 0 ? 0 : free.setRun[sets]
  if (free.runs === first) return
  let cells = 0
  let square = 0
  for (let run = first; run < free.runs; run++) {
    let length = 0
    for (let s = free.runStart[run]; s < free.runStart[run + 1]; s++) {
      length += free.to[s] - free.from[s]
    }
    cells += length
    square += (length * free.pull[run] * free.pull[run]) / free.weight[run]
  }
  if (isBalanced && cells === 1) {
    free.stretches = free.runStart[first]
    free.runs = first
    return
  }
  free.setRun[sets] = first
  free.balance[sets] = isBalanced ? 1 / square : 0
  free.setRun[sets + 1] = free.runs
  free.sets = sets + 1
}

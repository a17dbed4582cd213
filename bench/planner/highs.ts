import highsModule from 'highs'

/**
 * The only file that touches the `highs` package (HiGHS compiled to WebAssembly). A linear
 * programme in compressed columns goes in, its optimum comes out.
 */
export interface LinearProgramme {
  readonly columns: number
  readonly rows: number
  readonly cost: Float64Array
  readonly lower: Float64Array
  readonly upper: Float64Array
  readonly rowLower: Float64Array
  readonly rowUpper: Float64Array
  /** `columns + 1` entries into `index` and `value`. */
  readonly start: Int32Array
  readonly index: Int32Array
  readonly value: Float64Array
}

export interface HighsAnswer {
  /** `null` when the time limit was reached. */
  readonly objective: number | null
  /** Of the solve alone, without handing over the model. */
  readonly solveMs: number
  /** CPU time of that. */
  readonly cpuMs: number
}

const threadCpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

/** The package declares a CommonJS default export; as an ES module the default is the loader. */
const loadHighs = highsModule as unknown as typeof highsModule.default

let loaded: Promise<highsModule.Highs> | null = null

/** Solves to optimality or up to `timeLimitS`. Throws when HiGHS ends in any other way. */
export const solveWithHighs = async (
  lp: LinearProgramme,
  timeLimitS = 1e6,
): Promise<HighsAnswer> => {
  loaded ??= loadHighs()
  const highs = await loaded
  const model = highs.createModel({
    numCols: lp.columns,
    numRows: lp.rows,
    colCost: lp.cost,
    colLower: lp.lower,
    colUpper: lp.upper,
    rowLower: lp.rowLower,
    rowUpper: lp.rowUpper,
    matrix: {
      format: 'csc',
      numRows: lp.rows,
      numCols: lp.columns,
      starts: lp.start,
      indices: lp.index,
      values: lp.value,
    },
  })
  try {
    model.options.set({ output_flag: false, time_limit: timeLimitS })
    const cpuBefore = threadCpuMs()
    const started = performance.now()
    model.run()
    const solveMs = performance.now() - started
    const cpuMs = threadCpuMs() - cpuBefore
    const status = model.getModelStatus()
    const { optimal, timeLimit } = highs.constants.modelStatus
    if (status === timeLimit) return { objective: null, solveMs, cpuMs }
    if (status !== optimal) throw new Error(`HiGHS ended with model status ${status}`)
    return { objective: model.getObjectiveValue(), solveMs, cpuMs }
  } finally {
    model.dispose()
  }
}

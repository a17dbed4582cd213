/** What one child process of the bench measures, and what it says about each instance. */
export interface Task {
  readonly solver: 'busbar' | 'highs'
  readonly devices: number
  readonly steps: number
  readonly storageShare: number
  readonly tightnesses: readonly number[]
  readonly seeds: readonly number[]
  /** HiGHS gives up on an instance after this, and once it has spent this, skips the other seeds. */
  readonly timeLimitS: number
}

export interface Measurement {
  readonly tightness: number
  readonly seed: number
  readonly ms: number
  /** Of the solving thread alone: what it would take on an idle machine. */
  readonly cpuMs: number
  /** Busbar: its two bounds. HiGHS: the optimum twice, `null` beyond the time limit. */
  readonly lowerBound: number | null
  readonly upperBound: number | null
  /** The largest resident memory of the process so far, MB. */
  readonly memoryMb: number
}

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  readOptions,
  REGIMES,
  type Options,
  type RegimeName,
  type Size,
} from './planner/options.ts'
import type { Measurement, Task } from './planner/task.ts'
import { describeMachine } from './support/machine.ts'
import { print, printTable, whole } from './support/table.ts'
import { quantile } from './support/quantile.ts'

/**
 * The planner on synthetic car parks, beside HiGHS (dual simplex in WebAssembly) on the same
 * instances. Busbar's time is that of solvePlan, from problem to plan; HiGHS's that of the solve
 * alone, without building and handing over the model. Median and worst over the seeds; the CPU
 * time of the solving thread (median) tells how much of that was waiting for a busy machine, and is
 * what the two solvers are compared by.
 */

/** HiGHS needs minutes and gigabytes beyond this many variables. */
const MAX_HIGHS_CELLS = 500_000

const measure = async (task: Task): Promise<Measurement[]> => {
  const file = join(import.meta.dirname, 'planner', 'child.ts')
  const child = spawn(process.execPath, [file, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exit = once(child, 'exit')
  const measured: Measurement[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    measured.push(JSON.parse(line) as Measurement)
  }
  const [code] = (await exit) as [number | null]
  if (code !== 0) throw new Error(`the ${task.solver} process ended with ${code}`)
  return measured
}

const median = (values: readonly number[]): number =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  )

const milliseconds = (ms: number): string => (ms < 10 ? ms.toFixed(1) : whole(ms))

const gapOf = ({ lowerBound, upperBound }: Measurement): number =>
  (upperBound! - lowerBound!) / Math.abs(lowerBound!)

/** Instances where the optimum is not between the bounds; there must be none. */
const broken = (ours: readonly Measurement[], theirs: readonly Measurement[]): number =>
  theirs.filter(({ seed, lowerBound: optimum }) => {
    const mine = ours.find((one) => one.seed === seed)
    if (optimum === null || mine === undefined) return false
    const slack = 1e-6 * Math.abs(optimum)
    return mine.lowerBound! > optimum + slack || mine.upperBound! < optimum - slack
  }).length

const highsCells = (
  ours: readonly Measurement[],
  theirs: readonly Measurement[],
  timeLimitS: number,
): string[] => {
  const solved = theirs.filter(({ lowerBound }) => lowerBound !== null)
  if (theirs.length === 0) return ['not run', '', '']
  if (solved.length === 0) return [`> ${timeLimitS} s`, '', '']
  const ms = median(solved.map((one) => one.ms))
  const ratio = median(solved.map((one) => one.cpuMs)) / median(ours.map((one) => one.cpuMs))
  const verdict = broken(ours, theirs) === 0 ? 'yes' : 'NO'
  return [`${milliseconds(ms)} (${solved.length})`, `${ratio.toFixed(1)} x`, verdict]
}

const rowOf = (
  size: Size,
  regime: RegimeName,
  ours: readonly Measurement[],
  theirs: readonly Measurement[],
  timeLimitS: number,
): string[] => {
  const times = ours.map((one) => one.ms).sort((a, b) => a - b)
  return [
    `${whole(size.devices)} x ${size.steps}`,
    regime,
    milliseconds(median(times)),
    milliseconds(times.at(-1)!),
    milliseconds(median(ours.map((one) => one.cpuMs))),
    `${(100 * Math.max(...ours.map(gapOf))).toFixed(3)} %`,
    whole(Math.max(...ours.map((one) => one.memoryMb))),
    ...highsCells(ours, theirs, timeLimitS),
  ]
}

const HEAD = [
  'size',
  'regime',
  'median ms',
  'worst ms',
  'CPU ms',
  'worst gap',
  'peak MB',
  'HiGHS ms (n)',
  'less CPU',
  'between bounds',
]

const rowsOf = async (size: Size, storageShare: number, options: Options): Promise<string[][]> => {
  const task: Task = {
    solver: 'busbar',
    ...size,
    storageShare,
    tightnesses: options.regimes.map((regime) => REGIMES[regime]),
    seeds: Array.from({ length: options.seeds }, (_, k) => k + 1),
    timeLimitS: options.timeLimitS,
  }
  const ours = await measure(task)
  const isFinite = options.highs && size.devices * size.steps <= MAX_HIGHS_CELLS
  const theirs = isFinite ? await measure({ ...task, solver: 'highs' }) : []
  return options.regimes.map((regime) => {
    const mine = ours.filter(({ tightness }) => tightness === REGIMES[regime])
    const highs = theirs.filter(({ tightness }) => tightness === REGIMES[regime])
    return rowOf(size, regime, mine, highs, options.timeLimitS)
  })
}

/** `npm run bench -- planner`; see `--help`. */
export const run = async (args: readonly string[]): Promise<void> => {
  const options = readOptions(args)
  if (options === null) return
  print(describeMachine())
  print(`${options.seeds} instances per line; HiGHS gets ${options.timeLimitS} s per line`)
  for (const storageShare of options.storage) {
    const rows: string[][] = []
    for (const size of options.sizes) rows.push(...(await rowsOf(size, storageShare, options)))
    print()
    print(
      storageShare === 0
        ? 'Vehicles only'
        : `${100 * storageShare} % of the devices are batteries or V2G`,
    )
    printTable(HEAD, rows)
  }
}

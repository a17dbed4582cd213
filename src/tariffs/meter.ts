import { AppError } from '../errors.ts'

/** Energy per step as a meter recorded it. */
export interface MeteredSeries {
  readonly startMs: number
  readonly stepS: number
  /** Wh drawn per step, >= 0; NaN = not recorded. */
  readonly importWh: Float64Array | readonly number[]
  /** Wh fed in per step, >= 0; NaN = not recorded. Absent = the meter has no such register. */
  readonly exportWh?: Float64Array | readonly number[]
}

/** A stretch for which nothing was recorded. */
export interface Gap {
  readonly startMs: number
  readonly endMs: number
}

/** Metered pieces as one record that can be asked for any stretch of time. */
export interface Meter {
  readonly startMs: number
  readonly endMs: number
  /** Longest step, seconds. */
  readonly stepS: number
  readonly gaps: readonly Gap[]
  /** A stretch may begin and end inside steps: power is taken as even within a step. */
  importWh(fromMs: number, toMs: number): number
  exportWh(fromMs: number, toMs: number): number
  /** How much of the stretch was recorded, milliseconds. */
  coveredMs(fromMs: number, toMs: number): number
}

const MAX_STEPS = 10_000_000

interface Part {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
  /** Running totals at the start of each step and at the end. */
  readonly import: Float64Array
  readonly export: Float64Array
  readonly covered: Float64Array
}

const bad = (message: string): never => {
  throw new AppError('payload-invalid', message)
}

/** NaN stands for "not recorded". */
const possible = (wh: number): boolean => Number.isNaN(wh) || (wh >= 0 && wh < Infinity)

const partOf = (series: MeteredSeries, index: number): Part => {
  const { startMs, stepS, importWh, exportWh } = series
  const where = `metered series ${index}`
  if (!Number.isFinite(startMs)) bad(`${where}: startMs must be a time in milliseconds`)
  if (!(stepS > 0) || stepS > 86_400) bad(`${where}: stepS must be between 0 and 86400 seconds`)
  const steps = importWh.length
  if (steps === 0 || steps > MAX_STEPS) bad(`${where}: must have 1 to ${MAX_STEPS} steps`)
  if (exportWh && exportWh.length !== steps) {
    bad(
      `${where}: importWh has ${steps} steps and exportWh has ${exportWh.length}; make them equal`,
    )
  }
  const stepMs = stepS * 1000
  const totals = {
    import: new Float64Array(steps + 1),
    export: new Float64Array(steps + 1),
    covered: new Float64Array(steps + 1),
  }
  for (let i = 0; i < steps; i++) {
    const drawn = importWh[i]
    const fed = exportWh ? exportWh[i] : 0
    if (!possible(drawn) || !possible(fed)) {
      const wrong = possible(drawn) ? fed : drawn
      bad(`${where}: step ${i} is ${wrong} Wh; energy is 0 or more, export has its own list`)
    }
    const recorded = !Number.isNaN(drawn) && !Number.isNaN(fed)
    totals.import[i + 1] = totals.import[i] + (recorded ? drawn : 0)
    totals.export[i + 1] = totals.export[i] + (recorded ? fed : 0)
    totals.covered[i + 1] = totals.covered[i] + (recorded ? stepMs : 0)
  }
  return { startMs, endMs: startMs + steps * stepMs, stepMs, ...totals }
}

const between = (part: Part, totals: Float64Array, fromMs: number, toMs: number): number => {
  const upTo = (atMs: number): number => {
    const steps = (atMs - part.startMs) / part.stepMs
    const whole = Math.floor(steps)
    const rest = steps - whole
    return rest === 0 ? totals[whole] : totals[whole] + rest * (totals[whole + 1] - totals[whole])
  }
  const from = Math.max(fromMs, part.startMs)
  const to = Math.min(toMs, part.endMs)
  return from < to ? upTo(to) - upTo(from) : 0
}

const gapsOf = (parts: readonly Part[]): Gap[] => {
  const gaps: Gap[] = []
  const add = (startMs: number, endMs: number): void => {
    const last = gaps.at(-1)
    if (last && last.endMs === startMs) gaps[gaps.length - 1] = { ...last, endMs }
    else gaps.push({ startMs, endMs })
  }
  for (const [k, part] of parts.entries()) {
    if (k > 0 && parts[k - 1].endMs < part.startMs) add(parts[k - 1].endMs, part.startMs)
    for (let i = 0; i + 1 < part.covered.length; i++) {
      if (part.covered[i + 1] > part.covered[i]) continue
      add(part.startMs + i * part.stepMs, part.startMs + (i + 1) * part.stepMs)
    }
  }
  return gaps
}

/**
 * Makes metered pieces askable. Running totals make any stretch O(log pieces).
 *
 * @throws AppError `payload-invalid` for negative energy, lists of unequal length, overlapping
 *   pieces
 */
export const readMeter = (series: MeteredSeries | readonly MeteredSeries[]): Meter => {
  const list = 'importWh' in series ? [series] : series
  if (list.length === 0) bad('there is no metered series')
  const parts = list.map(partOf).sort((a, b) => a.startMs - b.startMs)
  for (const [i, part] of parts.entries()) {
    if (i > 0 && part.startMs < parts[i - 1].endMs) {
      bad(
        `metered series overlap at ${new Date(part.startMs).toISOString()}: ` +
          'give each stretch of time once',
      )
    }
  }
  const total =
    (key: 'import' | 'export' | 'covered') =>
    (fromMs: number, toMs: number): number => {
      let amount = 0
      for (const part of parts) {
        if (part.startMs >= toMs) break
        if (part.endMs > fromMs) amount += between(part, part[key], fromMs, toMs)
      }
      return amount
    }
  return {
    startMs: parts[0].startMs,
    endMs: parts.at(-1)!.endMs,
    stepS: Math.max(...parts.map(({ stepMs }) => stepMs)) / 1000,
    gaps: gapsOf(parts),
    importWh: total('import'),
    exportWh: total('export'),
    coveredMs: total('covered'),
  }
}

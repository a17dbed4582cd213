import { times, type PerPhase } from '../../src/domain/phases.ts'
import { atDeltaSide } from '../../src/domain/wiring.ts'
import { tangentsFor } from '../../src/engine/plan/phasor.ts'
import type { PlanBattery, PlanEv, PlanProblem } from '../../src/engine/plan/problem.ts'
import { solveWithHighs, type HighsAnswer, type LinearProgramme } from './highs.ts'
import { programmeBuilder, type ProgrammeBuilder } from './programme.ts'

/**
 * The planning problem as one linear programme, written straight from problem.ts and apart from
 * the solver's own model, so that a mistake in either shows. Energies in kWh per step.
 *
 * Same conventions: costs relative to nothing planned; phasor limits as the safe polygon; a row
 * that is violated with nothing planned is soft at the overload price, or moved to 0 when nothing
 * can relieve it; batteries without exclusion of charging and discharging at once (exact while
 * the price of energy is not negative).
 */
interface Column {
  readonly index: number
  readonly step: number
  readonly node: number
  /** Amperes per kWh in the step, per line, and its sign in watts. */
  readonly re: PerPhase
  readonly im: PerPhase
  readonly sign: number
  readonly most: number
}

interface Context {
  readonly problem: PlanProblem
  readonly builder: ProgrammeBuilder
  readonly hours: number
  readonly columns: Column[]
  readonly overloadPrice: number
}

const deviceColumns = (
  context: Context,
  device: PlanEv | PlanBattery,
  cost: number,
  sign: number,
  most: (t: number) => number,
): Column[] => {
  const { builder, columns, hours } = context
  const ampsPerKWh = (sign * 1000) / hours / device.wattsPerAmp
  const made: Column[] = []
  for (let step = device.arrive; step < device.depart; step++) {
    const index = builder.column(cost, 0, most(step))
    const re = times(device.line.re, ampsPerKWh)
    const im = times(device.line.im, ampsPerKWh)
    made.push({ index, step, node: device.node, re, im, sign, most: most(step) })
  }
  columns.push(...made)
  return made
}

const addEv = (context: Context, ev: PlanEv): void => {
  const { builder, hours } = context
  const kWhPerAmp = (ev.wattsPerAmp * hours) / 1000
  const limitA = (t: number): number => {
    const cap = ev.capA?.[t] ?? ev.maxA
    return cap < ev.minA ? 0 : Math.min(ev.maxA, cap)
  }
  const columns = deviceColumns(context, ev, 0, 1, (t) => limitA(t) * kWhPerAmp)
  const needKWh = ev.needWh / 1000
  const need = builder.row(needKWh, needKWh)
  builder.entry(need, builder.column(ev.shortfallPrice, 0, needKWh), 1)
  for (const { index } of columns) builder.entry(need, index, 1)
  if (ev.minimum === null) return
  const minimum = builder.row(Math.min(ev.minimum.needWh, ev.needWh) / 1000, Infinity)
  builder.entry(minimum, builder.column(ev.minimum.price, 0, Infinity), 1)
  for (const { index, step } of columns) {
    if (step < ev.minimum.by) builder.entry(minimum, index, 1)
  }
}

const addBattery = (context: Context, battery: PlanBattery): void => {
  const { builder, hours } = context
  const kWh = (watts: number): number => (watts * hours) / 1000
  const charge = deviceColumns(context, battery, 0, 1, () => kWh(battery.maxChargeW))
  const discharge = deviceColumns(context, battery, battery.cyclePrice, -1, () =>
    kWh(battery.maxDischargeW),
  )
  const start = battery.energyWh / 1000
  const low = Math.min(battery.minEnergyWh / 1000, start)
  const high = Math.max(battery.maxEnergyWh / 1000, start)
  let content = builder.column(0, start, start)
  charge.forEach((column, k) => {
    const next = builder.column(0, low, high)
    const balance = builder.row(0, 0)
    builder.entry(balance, next, 1)
    builder.entry(balance, content, -1)
    builder.entry(balance, column.index, -battery.chargeEfficiency)
    builder.entry(balance, discharge[k].index, 1 / battery.dischargeEfficiency)
    content = next
  })
  const target = builder.row(battery.targetWh / 1000, Infinity)
  builder.entry(target, content, 1)
  builder.entry(target, builder.column(battery.shortfallPrice, 0, Infinity), 1)
}

/** One row over some columns of a step; see the conventions above for negative limits. */
const limitRow = (
  context: Context,
  columns: readonly Column[],
  coefficient: (column: Column) => number,
  limit: number,
  kWhPerUnit: number,
): void => {
  const { builder, overloadPrice } = context
  const values = columns.map((column) => coefficient(column) * kWhPerUnit)
  let most = 0
  let least = 0
  columns.forEach((column, k) => {
    most += Math.max(0, values[k] * column.most)
    least += Math.min(0, values[k] * column.most)
  })
  const rhs = limit < 0 && least > -1e-9 ? 0 : limit * kWhPerUnit
  if (most <= rhs + 1e-9) return
  const row = builder.row(-Infinity, rhs)
  columns.forEach((column, k) => builder.entry(row, column.index, values[k]))
  if (rhs < 0) builder.entry(row, builder.column(overloadPrice, 0, Infinity), -1)
}

const isBelow = (problem: PlanProblem, node: number, ancestor: number): boolean => {
  for (let n = node; n >= 0; n = problem.nodes[n].parent) if (n === ancestor) return true
  return false
}

const byStep = (context: Context, columns: readonly Column[]): Column[][] => {
  const steps: Column[][] = Array.from({ length: context.problem.steps }, () => [])
  for (const column of columns) steps[column.step].push(column)
  return steps
}

const addNode = (context: Context, n: number, volts: number): void => {
  const { problem, hours } = context
  const { capA, capW, exportCapW, exportCapA, deltaRatio = null } = problem.nodes[n]
  const below = context.columns
    .filter(({ node }) => isBelow(problem, node, n))
    .map((column) =>
      deltaRatio === null ? column : { ...column, ...atDeltaSide(column, deltaRatio) },
    )
  const steps = byStep(context, below)
  const perAmp = (volts * hours) / 1000
  const perWatt = hours / 1000
  for (let line = 0; line < 3; line++) {
    if (capA === null) break
    const phasors = below.map(({ re, im }) => ({ re: re[line], im: im[line] }))
    const known = new Map(
      phasors
        .filter(({ re, im }) => Math.hypot(re, im) > 1e-9)
        .map((phasor) => [Math.atan2(phasor.im, phasor.re).toFixed(9), phasor]),
    )
    for (const { cos, sin, scale } of tangentsFor([...known.values()])) {
      const limits = (cos < -1e-9 ? (exportCapA ?? capA) : capA)[line]
      steps.forEach((columns, t) =>
        limitRow(
          context,
          columns,
          ({ re, im }) => cos * re[line] + sin * im[line],
          limits[t] * scale,
          perAmp,
        ),
      )
    }
  }
  steps.forEach((columns, t) => {
    const watts = (sign: number) => (column: Column) => (sign * column.sign) / perWatt
    if (capW !== null) limitRow(context, columns, watts(1), capW[t], perWatt)
    if (exportCapW !== null) limitRow(context, columns, watts(-1), exportCapW[t], perWatt)
  })
}

const addImbalance = (context: Context, volts: number): void => {
  const { problem, hours } = context
  if (problem.imbalance === null) return
  const { limitA, baseA } = problem.imbalance
  const steps = byStep(context, context.columns)
  for (const [a, b] of [0, 1, 2].flatMap((x) => [0, 1, 2].map((y) => [x, y]))) {
    if (a === b) continue
    steps.forEach((columns, t) =>
      limitRow(
        context,
        columns,
        ({ re }) => re[a] - re[b],
        limitA - (baseA[a][t] - baseA[b][t]),
        (volts * hours) / 1000,
      ),
    )
  }
}

/** Import, export, demand charges and setpoint; returns the constant of "nothing planned". */
const addConnection = (context: Context): number => {
  const { problem, builder, hours } = context
  const peaks = problem.peaks.map((peak) =>
    builder.column(peak.pricePerKw, peak.billedW / 1000, Infinity),
  )
  let constant = 0
  problem.peaks.forEach((peak) => (constant -= (peak.pricePerKw * peak.billedW) / 1000))
  const windows = problem.peaks.map(() => new Map<number, { row: number; length: number }>())
  byStep(context, context.columns).forEach((columns, t) => {
    const base = (problem.baseW[t] * hours) / 1000
    const exportPrice = Math.min(problem.exportPrice[t], problem.importPrice[t])
    constant -= base > 0 ? problem.importPrice[t] * base : exportPrice * base
    const bought = builder.column(problem.importPrice[t], 0, Infinity)
    const sold = builder.column(-exportPrice, 0, Infinity)
    const balance = builder.row(base, base)
    builder.entry(balance, bought, 1)
    builder.entry(balance, sold, -1)
    for (const { index, sign } of columns) builder.entry(balance, index, -sign)
    problem.peaks.forEach((peak, k) => {
      const key = Math.floor((t - peak.offset) / peak.windowSteps)
      const window = windows[k].get(key) ?? { row: builder.row(-Infinity, 0), length: 0 }
      windows[k].set(key, { ...window, length: window.length + 1 })
      if (peak.mask[t] !== 0) builder.entry(window.row, bought, 1)
    })
    if (problem.setpoint === null) return
    if (problem.setpoint.mask?.[t] === 0) return
    const target = (problem.setpoint.powerW[t] * hours) / 1000
    const tracking = builder.row(target, target)
    for (const { index, sign } of columns) builder.entry(tracking, index, sign)
    builder.entry(tracking, builder.column(problem.setpoint.pricePerKwh, 0, Infinity), 1)
    builder.entry(tracking, builder.column(problem.setpoint.pricePerKwh, 0, Infinity), -1)
  })
  windows.forEach((all, k) => {
    for (const { row, length } of all.values()) builder.entry(row, peaks[k], -length * hours)
  })
  return constant
}

const voltsOf = (problem: PlanProblem): number => {
  const [first] = [...problem.evs, ...problem.batteries]
  return first.wattsPerAmp / (first.line.re[0] + first.line.re[1] + first.line.re[2])
}

/** `constant` is to be added to the optimum of `lp`. */
export const oracleProgramme = (
  problem: PlanProblem,
  overloadPrice: number,
): { lp: LinearProgramme; constant: number } => {
  const context: Context = {
    problem,
    builder: programmeBuilder(),
    hours: problem.stepS / 3600,
    columns: [],
    overloadPrice,
  }
  for (const ev of problem.evs) addEv(context, ev)
  for (const battery of problem.batteries) addBattery(context, battery)
  const volts = voltsOf(problem)
  problem.nodes.forEach((_, n) => addNode(context, n, volts))
  addImbalance(context, volts)
  const constant = addConnection(context)
  return { lp: context.builder.build(), constant }
}

/** Optimum of the problem by HiGHS; `null` beyond the time limit. */
export const solveOracle = async (
  problem: PlanProblem,
  overloadPrice: number,
  timeLimitS?: number,
): Promise<HighsAnswer> => {
  const { lp, constant } = oracleProgramme(problem, overloadPrice)
  const answer = await solveWithHighs(lp, timeLimitS)
  const { objective } = answer
  return { ...answer, objective: objective === null ? null : objective + constant }
}

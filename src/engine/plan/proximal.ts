import { dualBound } from './bound.ts'
import { netOut } from './content.ts'
import { costOf } from './cost.ts'
import { fullDiagonal } from './full-diagonal.ts'
import { ledgerOf } from './ledger.ts'
import { emptySchedule, type Model, type Schedule } from './model.ts'
import { newtonOn, type Counts } from './newton.ts'
import { polishOf } from './polish.ts'
import { recentre, relax, type Relaxation } from './relaxation.ts'
import { refill } from './refill.ts'
import { repairOf } from './repair.ts'
import { stepOrder } from './step-order.ts'

/**
 * The proximal-point loop: solve the relaxed problem for some eps, make the answers the new
 * centres, lower eps, repeat. Each round from the point where it can matter yields a lower bound
 * (bound.ts) and a feasible plan (repair.ts, refill.ts); the loop ends when they are close.
 */
export interface ProximalOptions {
  /** Wanted (upper - lower) / |lower|. */
  readonly gap: number
  readonly isLate: () => boolean
  readonly trace?: (line: object) => void
}

export interface ProximalResult {
  readonly schedule: Schedule
  readonly upperBound: number
  readonly lowerBound: number
  readonly duals: Float64Array
  readonly relaxation: Relaxation
  readonly counts: Counts
  readonly stages: number
}

const FIRST_EPS = 1
const LEAST_EPS = 0.01
const SHRINK = 0.55
const MAX_STAGES = 24
const MAX_STEPS = 20
/** From this eps on, or this stage, bounds and plans are worth computing. */
const CHECK_EPS = 0.05
const CHECK_STAGE = 9

const scheduleFrom = ({ model, evs, batteries }: Relaxation, schedule: Schedule): void => {
  for (let i = 0; i < model.evs.count; i++) {
    const full = model.evs.full[i]
    for (let k = model.evs.offset[i]; k < model.evs.offset[i + 1]; k++) {
      schedule.ev[k] = full * evs.profile[k]
    }
  }
  const { offset, chargeFull, dischargeFull, count } = model.batteries
  for (let i = 0; i < count; i++) {
    for (let k = offset[i]; k < offset[i + 1]; k++) {
      schedule.charge[k] = chargeFull[i] * batteries.charge[k]
      schedule.discharge[k] = dischargeFull[i] * batteries.discharge[k]
    }
  }
  netOut(model.batteries, schedule)
}

const copySchedule = (from: Schedule, to: Schedule): void => {
  to.ev.set(from.ev)
  to.charge.set(from.charge)
  to.discharge.set(from.discharge)
}

const typicalKw = ({ evs, batteries, hours }: Model): number => {
  let kWh = 0
  for (let i = 0; i < evs.count; i++) kWh += evs.full[i]
  for (let i = 0; i < batteries.count; i++) {
    kWh += Math.max(batteries.chargeFull[i], batteries.dischargeFull[i])
  }
  return Math.max(1, (0.05 * kWh) / hours)
}

export const solveProximal = (model: Model, options: ProximalOptions): ProximalResult => {
  const relaxation = relax(model)
  ;(globalThis as any).RX = relaxation
  const counts: Counts = { evaluations: 0, steps: 0, products: 0 }
  const full = fullDiagonal(relaxation)
  const newton = newtonOn(relaxation, relaxation.whole, full, counts)
  const polish = polishOf(relaxation, full, (scope) => {
    let distance = 0
    for (const r of scope.rows) {
      const g = relaxation.gradient[r]
      const at = relaxation.duals[r]
      if (g <= 0) distance += -g * at
      else
        distance +=
          relaxation.rows.high[r] === Infinity ? g * (at + 0.5) : g * (relaxation.rows.high[r] - at)
    }
    return distance
  })
  const repair = repairOf(model)
  const order = stepOrder(model.network.classes, model.steps, model.connection.importPrice)
  const scratch = new Float64Array(relaxation.duals.length)
  const levels = new Float64Array(relaxation.peaks.length)
  const best = emptySchedule(model)
  const candidate = emptySchedule(model)
  const kw = typicalKw(model)
  let lowerBound = -Infinity
  let upperBound = Infinity
  let eps = FIRST_EPS
  let stage = 0

  const check = (): void => {
    relaxation.peaks.forEach((peak, k) => (levels[k] = peak.level))
    scheduleFrom(relaxation, candidate)
    lowerBound = Math.max(lowerBound, dualBound(relaxation, scratch, order))
    repair.run(candidate, levels)
    const ledger = ledgerOf(model, candidate)
    refill(model, candidate, ledger, order.order, levels)
    const cost = costOf(model, candidate, ledger).total
    if (cost >= upperBound) return
    upperBound = cost
    copySchedule(candidate, best)
  }

  const isDone = (): boolean =>
    upperBound < Infinity && upperBound - lowerBound <= options.gap * Math.abs(lowerBound)

  for (stage = 1; stage <= MAX_STAGES; stage++) {
    const accuracy = Math.max(3e-4, 0.1 * eps) * 0.5 ** Math.max(0, stage - 8)
    const converged = newton.maximise({
      eps,
      delta: eps / kw,
      tolerance: (value: number) => accuracy * Math.abs(value),
      polish: (d: number, tol: number) =>
        polish.run(
          { eps, delta: eps / kw, isLate: options.isLate, maxSteps: 8, tolerance: () => 0 },
          tol,
        ),
      maxSteps: MAX_STEPS,
      isLate: options.isLate,
    })
    if (eps <= CHECK_EPS || stage >= CHECK_STAGE || options.isLate()) check()
    options.trace?.({ stage, eps, converged, lowerBound, upperBound, ...newton.counts })
    if (isDone() || options.isLate()) break
    recentre(relaxation)
    if (converged) eps = Math.max(LEAST_EPS, SHRINK * eps)
  }
  return {
    schedule: best,
    upperBound,
    lowerBound,
    duals: relaxation.duals,
    relaxation,
    counts: newton.counts,
    stages: stage,
  }
}

import { candidateOf, type Candidate } from './candidate.ts'
import { fullDiagonal } from './full-diagonal.ts'
import type { Model } from './model.ts'
import { newtonOn, type Counts } from './newton.ts'
import { polishOf } from './polish.ts'
import type { WarmStart } from './problem.ts'
import { recentre, relax, type Relaxation } from './relaxation.ts'
import { applyWarmStart } from './warm.ts'

/**
 * The proximal-point loop: solve the relaxed problem for some eps, make the answers the new
 * centres, lower eps, repeat (Rockafellar's proximal point algorithm, inner problems by their
 * dual; the moving price eps removes the jumps of the linear programme, the centres remove the
 * bias of eps). From where it can matter each round yields a feasible plan and a lower bound; the
 * loop ends when they are close. docs/reference/planner.md has the mathematics.
 */
export interface ProximalOptions {
  /** Wanted part of the cost between the bounds. */
  readonly gap: number
  readonly isLate: () => boolean
  readonly warm: WarmStart | null
}

export interface ProximalResult extends Pick<Candidate, 'schedule' | 'upperBound' | 'lowerBound'> {
  readonly relaxation: Relaxation
  readonly counts: Counts
  readonly stages: number
}

const FIRST_EPS = 1
const WARM_EPS = 0.1
const LEAST_EPS = 0.01
const SHRINK = 0.55
/** Bounds and plans are worth computing from this eps on, or this stage. */
const CHECK_EPS = 0.05
const CHECK_STAGE = 9
const MAX_STAGES = 30
const MAX_STEPS = 20
/** Stages without a better bound after which the gap is taken to be real. */
const MAX_IDLE = 6
/** Inner accuracy: this part of the value per eps, at least; halved per stage late on. */
const ACCURACY_PER_EPS = 0.1
const LEAST_ACCURACY = 3e-4
const SHARPEN_STAGE = 8
/** A gap below this part of all energy at its mean price times the wanted gap is closed too. */
const TRIFLE = 0.01

/** Energy at stake times the mean price: a scale that is not near zero when costs cancel. */
const turnover = ({ evs, batteries, connection }: Model): number => {
  let kWh = 0
  for (let i = 0; i < evs.count; i++) kWh += evs.needKWh[i]
  for (let i = 0; i < batteries.count; i++) kWh += batteries.highKWh[i] - batteries.lowKWh[i]
  let price = 0
  for (const p of connection.importPrice) price += Math.abs(p) / connection.steps
  return kWh * price
}

/** 5 % of all power: what one unit of the peaks' moving price is measured against. */
const peakScaleKw = ({ evs, batteries, hours }: Model): number => {
  let kWh = 0
  for (let i = 0; i < evs.count; i++) kWh += evs.full[i]
  for (let i = 0; i < batteries.count; i++) {
    kWh += Math.max(batteries.chargeFull[i], batteries.dischargeFull[i])
  }
  return Math.max(1, (0.05 * kWh) / hours)
}

/** Counts stages that brought neither bound further. */
const idleCounter = (candidate: Candidate): (() => number) => {
  let [upper, lower, idle] = [Infinity, -Infinity, 0]
  return () => {
    const gap = candidate.upperBound - candidate.lowerBound
    const gain = upper - candidate.upperBound + (candidate.lowerBound - lower)
    idle = gap === Infinity || gain > 0.02 * gap ? 0 : idle + 1
    upper = candidate.upperBound
    lower = candidate.lowerBound
    return idle
  }
}

export const solveProximal = (model: Model, options: ProximalOptions): ProximalResult => {
  const { isLate } = options
  const relaxation = relax(model)
  const full = fullDiagonal(relaxation)
  const counts: Counts = { evaluations: 0, steps: 0, products: 0 }
  const newton = newtonOn(relaxation, relaxation.whole, full, counts)
  const polish = polishOf(relaxation, full)
  const candidate = candidateOf(model, relaxation)
  const idleStages = idleCounter(candidate)
  const scaleKw = peakScaleKw(model)
  const floor = TRIFLE * turnover(model)
  const isWarm = options.warm !== null && applyWarmStart(relaxation, options.warm)

  const isClosed = (): boolean => {
    const { upperBound, lowerBound } = candidate
    const scale = Math.max(Math.abs(lowerBound), floor)
    return upperBound < Infinity && upperBound - lowerBound <= options.gap * scale
  }

  let eps = isWarm ? WARM_EPS : FIRST_EPS
  let stage = 1
  for (; ; stage++) {
    const moving = { eps, delta: eps / scaleKw, isLate }
    const sharper = 0.5 ** Math.max(0, stage - SHARPEN_STAGE)
    const accuracy = sharper * Math.max(LEAST_ACCURACY, ACCURACY_PER_EPS * eps)
    const hasConverged = newton.maximise({
      ...moving,
      tolerance: (value) => accuracy * Math.max(Math.abs(value), floor),
      maxSteps: MAX_STEPS,
      polish: (tolerance) => polish.run(moving, tolerance),
    })
    const isLast = stage === MAX_STAGES || isLate()
    if (eps <= CHECK_EPS || stage >= CHECK_STAGE || isLast) candidate.improve()
    if (isLast || isClosed() || idleStages() >= MAX_IDLE) break
    recentre(relaxation)
    if (hasConverged) eps = Math.max(LEAST_EPS, SHRINK * eps)
  }
  return {
    schedule: candidate.schedule,
    upperBound: candidate.upperBound,
    lowerBound: candidate.lowerBound,
    relaxation,
    counts,
    stages: stage,
  }
}

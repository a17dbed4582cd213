import type { Plan, PlannedSession } from '../../domain/plan.ts'
import type { PlanProblem, PlanSolution } from '../../engine/plan/problem.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Fabric } from '../../ports/fabric.ts'
import type { Log } from '../../ports/log.ts'
import type { Planner } from '../../ports/planner.ts'
import type { Storage } from '../../ports/storage.ts'
import type { PlanTarget, PlanTargets } from '../asks.ts'
import { asPlan } from './as-plan.ts'

export interface PlanLoopDeps {
  readonly siteId: string
  readonly planner: Planner
  readonly clock: Clock
  readonly storage: Storage
  readonly fabric: Fabric
  readonly log: Log
  readonly everyMs: number
  /** The problem of this moment; `null` while there is nothing to plan from. */
  readonly problem: (nowMs: number) => PlanProblem | null
  /** Changes whenever something happened that a plan should answer: sessions, events, prices. */
  readonly version: () => string
}

export interface PlanLoop {
  /** Starts a new plan when one is due; called each tick. Never throws. */
  readonly step: (nowMs: number) => void
  readonly current: () => Plan | null
  readonly target: PlanTargets
}

/** How often changes are looked for; several that come together make one plan. */
const LOOK_EVERY_MS = 5_000
/** A plan that is so many periods old steers nobody any more (smart-charging rule 17). */
const STALE_PERIODS = 3

export const createPlanLoop = (deps: PlanLoopDeps): PlanLoop => {
  const { planner, clock, storage, fabric, log } = deps
  let plan: Plan | null = null
  let targets = new Map<string, PlannedTarget>()
  let running = false
  let plannedAtMs = -Infinity
  let plannedVersion = ''
  let lookedAtMs = -Infinity
  let failing = false

  const finish = (problem: PlanProblem, solution: PlanSolution): void => {
    const atMs = clock.now()
    plan = asPlan(deps.siteId, problem, solution, atMs)
    targets = new Map(
      plan.sessions.map((session, k) => [session.key, { session, ev: problem.evs[k], problem }]),
    )
    storage.append({
      table: 'plan',
      row: { id: plan.id, createdAtMs: atMs, document: plan },
    })
    fabric.publish({ kind: 'plan', id: plan.id, atMs, data: { id: plan.id } })
    if (failing) log.info({ siteId: deps.siteId }, 'planning works again')
    failing = false
  }

  const run = async (nowMs: number): Promise<void> => {
    running = true
    plannedAtMs = nowMs
    plannedVersion = deps.version()
    try {
      const problem = deps.problem(nowMs)
      if (problem) finish(problem, await planner.solve(problem))
    } catch (error) {
      if (!failing) log.error({ siteId: deps.siteId, err: error }, 'planning failed')
      failing = true
    } finally {
      running = false
    }
  }

  return {
    step: (nowMs) => {
      if (running || nowMs - lookedAtMs < LOOK_EVERY_MS) return
      lookedAtMs = nowMs
      const due = nowMs - plannedAtMs >= deps.everyMs
      if (due || deps.version() !== plannedVersion) void run(nowMs)
    },
    current: () => plan,
    target: (key, nowMs) => {
      const planned = targets.get(key)
      if (!planned || !plan) return null
      if (nowMs - plan.createdAtMs > STALE_PERIODS * deps.everyMs) return null
      return targetAt(planned, plan.id, nowMs)
    },
  }
}

interface PlannedTarget {
  readonly session: PlannedSession
  readonly ev: PlanProblem['evs'][number]
  readonly problem: PlanProblem
}

const targetAt = (
  { session, ev, problem }: PlannedTarget,
  planId: string,
  nowMs: number,
): PlanTarget | null => {
  const stepMs = problem.stepS * 1000
  const step = Math.floor((nowMs - problem.startMs) / stepMs)
  if (step < 0 || step >= problem.steps) return null
  const wantedA = session.powerW[step] / ev.wattsPerAmp
  return {
    planId,
    targetA: wholeShare(session, ev, step),
    takesSurplus: problem.peaks.length === 0 && isCheapest(session, problem, step, wantedA),
    untilMs: problem.startMs + (step + 1) * stepMs,
  }
}

/**
 * Nothing between 0 and the minimum can be charged: steps that are planned below it are served in
 * turns, so that over the steps the energy is the planned one (error feedback).
 */
const wholeShare = (
  session: PlannedSession,
  ev: PlanProblem['evs'][number],
  step: number,
): number => {
  let carriedA = 0
  let servedA = 0
  for (let t = 0; t <= step; t++) {
    const plannedA = session.powerW[t] / ev.wattsPerAmp
    if (plannedA <= 1e-6) servedA = 0
    else if (plannedA + carriedA >= ev.minA / 2) servedA = Math.max(ev.minA, plannedA)
    else servedA = 0
    carriedA += plannedA - servedA
  }
  return servedA
}

/** Waiting is planned for a better price only if a later planned step is cheaper than this one. */
const isCheapest = (
  session: PlannedSession,
  problem: PlanProblem,
  step: number,
  plannedA: number,
): boolean => {
  if (plannedA <= 1e-6 && session.energyWh <= 0) return false
  for (let t = step + 1; t < problem.steps; t++) {
    if (session.powerW[t] > 0 && problem.importPrice[t] < problem.importPrice[step] - 1e-9) {
      return false
    }
  }
  return true
}

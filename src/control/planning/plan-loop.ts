import type { Plan } from '../../domain/plan.ts'
import type { Wording } from '../../engine/plan/explain.ts'
import type { PlanProblem, PlanSolution } from '../../engine/plan/problem.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Fabric } from '../../ports/fabric.ts'
import type { Log } from '../../ports/log.ts'
import type { Planner } from '../../ports/planner.ts'
import type { Storage } from '../../ports/storage.ts'
import type { PlanTargets } from '../wants.ts'
import type { PlanTick } from '../controller.ts'
import { asPlan } from './as-plan.ts'
import { createOnOffChanges } from './on-off-changes.ts'
import { createExecution, type PlanExecution, type TargetRules } from './plan-execution.ts'

export interface PlanLoopDeps {
  readonly siteId: string
  readonly planner: Planner
  readonly clock: Clock
  readonly storage: Storage
  readonly fabric: Fabric
  readonly log: Log
  readonly everyMs: number
  readonly rules: TargetRules
  /** The problem of this moment. */
  readonly problem: (tick: PlanTick) => PlanProblem
  /** Mean import of the site in the plan step that holds an instant, watts. */
  readonly importW: (atMs: number) => number
  /** See `ExecutionParts`. */
  readonly knowsMore: boolean
  /** How the site's nodes, times and money are told. */
  readonly wording: (nowMs: number) => Wording
  /** Changes whenever something happened that a plan should answer: sessions, prices. */
  readonly version: (tick: PlanTick) => string
  /** Changes with what events say from now on; answered at once, since somebody waits for it. */
  readonly eventsVersion: (tick: PlanTick) => string
}

export interface PlanLoop {
  /** Starts a new plan when one is due, and keeps the targets of the present one. Never throws. */
  readonly step: (tick: PlanTick) => void
  readonly current: () => Plan | null
  readonly target: PlanTargets
}

/** How often changes are looked for. */
const LOOK_EVERY_MS = 5_000
/** Changes that come in a row make one plan: the first at once, the others after this. Not events. */
const AGAIN_AFTER_MS = 30_000
/** A plan that is so many periods old steers nobody any more (smart-charging rule 17). */
const STALE_PERIODS = 3

export const createPlanLoop = (deps: PlanLoopDeps): PlanLoop => {
  const { planner, clock, storage, fabric, log } = deps
  const changes = createOnOffChanges()
  let plan: Plan | null = null
  let execution: PlanExecution | null = null
  let latest: PlanTick | null = null
  let running = false
  let plannedAtMs = -Infinity
  let plannedVersion = ''
  let plannedEvents = ''
  let lookedAtMs = -Infinity
  let failing = false
  let fellBackBecause: string | null = null

  /** One line per change: a site that always falls back would fill the log. */
  const tellFallback = ({ fallbackBecause }: Plan): void => {
    const { siteId } = deps
    if (fallbackBecause !== fellBackBecause) {
      if (fallbackBecause === null) log.info({ siteId }, 'plans are optimal again')
      else log.warn({ siteId, because: fallbackBecause }, 'the simple planner stands in')
    }
    fellBackBecause = fallbackBecause
  }

  const finish = (
    problem: PlanProblem,
    solution: PlanSolution,
    beforeWh: ReadonlyMap<string, number>,
  ): void => {
    const atMs = clock.now()
    const { siteId, rules, importW } = deps
    plan = asPlan(siteId, problem, solution, atMs, deps.wording(atMs))
    execution = createExecution({
      planId: plan.id,
      problem,
      solution,
      beforeWh,
      rules,
      changesOf: changes.of,
      importW,
      knowsMore: deps.knowsMore,
    })
    if (latest) execution.refresh(latest)
    tellFallback(plan)
    storage.append({
      table: 'plan',
      row: { id: plan.id, createdAtMs: atMs, document: plan },
    })
    fabric.publish({ kind: 'plan', id: plan.id, atMs, data: { id: plan.id } })
    if (failing) log.info({ siteId }, 'planning works again')
    failing = false
  }

  const fail = (error: unknown): void => {
    if (!failing) log.error({ siteId: deps.siteId, err: error }, 'planning failed')
    failing = true
  }

  const run = async (tick: PlanTick): Promise<void> => {
    try {
      const problem = deps.problem(tick)
      const beforeWh = energies(tick)
      finish(problem, await planner.solve(problem), beforeWh)
    } catch (error) {
      fail(error)
    } finally {
      running = false
    }
  }

  /** After the tick, whose decisions do not wait until the problem is put together. */
  const begin = (tick: PlanTick): void => {
    running = true
    plannedAtMs = tick.nowMs
    plannedVersion = deps.version(tick)
    plannedEvents = deps.eventsVersion(tick)
    clock.after(0, () => void run(tick))
  }

  const follow = (tick: PlanTick): void => {
    try {
      changes.observe(tick)
      execution?.refresh(tick)
    } catch (error) {
      // Without targets the site is shared evenly, which is safe; the next plan is a new try.
      execution = null
      fail(error)
    }
  }

  return {
    step: (tick) => {
      latest = tick
      follow(tick)
      const { nowMs } = tick
      if (running || Math.abs(nowMs - lookedAtMs) < LOOK_EVERY_MS) return
      lookedAtMs = nowMs
      const ageMs = nowMs - plannedAtMs
      const isOutdated =
        // A clock that was set makes it as old as it likes.
        Math.abs(ageMs) >= deps.everyMs ||
        deps.eventsVersion(tick) !== plannedEvents ||
        (ageMs >= AGAIN_AFTER_MS && deps.version(tick) !== plannedVersion)
      if (isOutdated) begin(tick)
    },
    current: () => plan,
    target: (key, nowMs) => {
      if (!plan || nowMs - plan.createdAtMs > STALE_PERIODS * deps.everyMs) return null
      return execution?.target(key, nowMs) ?? null
    },
  }
}

/** What each session has got so far, by session id. */
const energies = ({ states }: PlanTick): Map<string, number> =>
  new Map(states.flatMap(({ session }) => (session ? [[session.id, session.energyWh]] : [])))

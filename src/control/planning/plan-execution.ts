import { DEFAULT_RULES, execute, type ExecuteEv } from '../../engine/plan/execute.ts'
import { planInForce } from '../../engine/plan/in-force.ts'
import { pilotSteps, type Pilots } from '../../engine/plan/pilots.ts'
import type { PlanProblem, PlanSolution } from '../../engine/plan/problem.ts'
import type { PlanTarget } from '../wants.ts'
import type { PlanTick } from '../controller.ts'
import type { ControlRules } from '../rules.ts'
import { evenLines } from './even-lines.ts'
import { isExpected } from './expected-evs.ts'
import { planCauses } from './plan-causes.ts'

/** A plan that is carried out: what each EVSE should have in the running step. */
export interface PlanExecution {
  /** Works out the targets anew when a step begins, or somebody of the plan came or went. */
  readonly refresh: (tick: PlanTick) => void
  readonly target: (key: string, nowMs: number) => PlanTarget | null
}

/** Bounds on switching that targets keep. */
export interface TargetRules extends Pick<ControlRules, 'minOnMs' | 'minOffMs'> {
  /** On/off changes of a session that plans may make; the last one leaves it on. */
  readonly maxChanges: number
}

export interface ExecutionParts {
  readonly planId: string
  readonly problem: PlanProblem
  readonly solution: PlanSolution
  /** Watt-hours that each session had when the problem was made, by session id. */
  readonly beforeWh: ReadonlyMap<string, number>
  readonly rules: TargetRules
  /** On/off changes of the session at EVSE `e` so far. */
  readonly changesOf: (e: number) => number
  /** Mean import of the site in the step that holds an instant, watts. */
  readonly importW: (atMs: number) => number
  /** Whether plans keep limits of nodes that the control loop does not know: transformers. */
  readonly knowsMore: boolean
}

/** Grants are multiples of this; see `allocate`. */
const STEP_A = 1

/** A vehicle of the plan that is there and can be steered now. */
interface Present {
  /** Index into the problem's vehicles. */
  readonly k: number
  /** Index of its EVSE. */
  readonly e: number
}

/** A plan on its way to the chargers, with currents that they can take; see engine/plan/execute.ts. */
export const createExecution = (parts: ExecutionParts): PlanExecution => {
  const { planId, problem, solution, beforeWh, rules } = parts
  const { evs, startMs, stepS, steps } = problem
  const stepMs = stepS * 1000
  const force = planInForce(problem, solution)
  const pilots = new Map<string, Pilots>()
  const planned = evs.flatMap(({ key }, k) => (isExpected(key) ? [] : [{ key, k }]))
  let indexOf: ReadonlyMap<string, number> | null = null
  let targets = new Map<string, PlanTarget>()
  let decidedStep = -1
  let decidedFor: readonly number[] = []

  const presentOf = ({ topology, states, asks }: PlanTick): Present[] => {
    indexOf ??= new Map(topology.evseKeys.map((key, e) => [key, e]))
    const known = indexOf
    return planned.flatMap(({ key, k }) => {
      const e = known.get(key)
      if (e === undefined || asks.reservedA[e] > 0) return []
      return states[e].session?.id === evs[k].id ? [{ k, e }] : []
    })
  }

  const evOf = ({ k, e }: Present, step: number, tick: PlanTick): ExecuteEv => {
    const ev = evs[k]
    const { evse, onSinceMs, offSinceMs, pausedBy } = tick.controls[e]
    const energyWh = tick.states[e].session?.energyWh ?? 0
    const gotWh = Math.max(0, energyWh - (beforeWh.get(ev.id) ?? energyWh))
    if (!pilots.has(ev.key)) pilots.set(ev.key, pilotSteps(ev.minA, evse.maxA, STEP_A))
    const isOn = onSinceMs !== null
    const changes = parts.changesOf(e)
    // Rest is against flutter; who was paused by an event has had it.
    const isRested = !isOn && pausedBy !== null
    return {
      ...force.share(k, step, { gotWh, needWh: Math.max(0, ev.needWh - gotWh) }),
      device: k,
      // Of what the plan reckons with, the part of a set is no limit: the set is shared in turns.
      limitA: Math.min(evse.maxA, tick.asks.eventA[e]),
      pilots: pilots.get(ev.key)!,
      isOn,
      sinceS: isRested ? Infinity : (tick.nowMs - (onSinceMs ?? offSinceMs)) / 1000,
      // Others pause too (events, limits): who was paused may always come back.
      changes: isOn ? changes : Math.min(changes, rules.maxChanges - 1),
    }
  }

  /**
   * Whether power now is as good as any that is planned for it later: then it takes what is left
   * over. Only a better price is worth waiting for; a plan may be wrong about what a driver needs.
   */
  const isCheapest = (k: number, step: number): boolean => {
    const plannedW = solution.evW[k]
    for (let t = step + 1; t < steps; t++) {
      if (plannedW[t] > 0 && problem.importPrice[t] < problem.importPrice[step] - 1e-9) return false
    }
    return true
  }

  const decide = (present: readonly Present[], step: number, tick: PlanTick): void => {
    const occupancy = force.occupancy(step)
    const totalW = force.totalW(step, (t) => parts.importW(startMs + t * stepMs))
    const amps = execute(
      present.map((one) => evOf(one, step, tick)),
      {
        ...DEFAULT_RULES,
        stepS,
        minOnS: rules.minOnMs / 1000,
        minOffS: rules.minOffMs / 1000,
        maxChanges: rules.maxChanges,
      },
      { occupancy, totalW },
    )
    const untilMs = startMs + (step + 1) * stepMs
    const offered = present.map(({ k }, j) => ({
      k,
      pilots: pilots.get(evs[k].key)!,
      amps: amps[j],
    }))
    evenLines(problem, step, offered)
    const held = offered.map(({ k, amps: offeredA }) => ({
      k,
      amps: offeredA,
      moreA: offeredA > 0 ? STEP_A : evs[k].minA,
    }))
    const causeOf = planCauses({ problem, solution }, step, held, {
      occupancy: force.occupancy(step),
      totalW,
    })
    // The tree of the control loop knows fuses and events, but nothing of these.
    const isOpen = problem.peaks.length === 0 && problem.imbalance === null && !parts.knowsMore
    targets = new Map(
      offered.map(({ k, amps: targetA }, j) => [
        evs[k].key,
        {
          planId,
          targetA,
          plannedW: solution.evW[k][step],
          wattsPerAmp: evs[k].wattsPerAmp,
          takesSurplus: isOpen && isCheapest(k, step),
          untilMs,
          ...causeOf(held[j]),
        },
      ]),
    )
  }

  return {
    refresh: (tick) => {
      const step = Math.floor((tick.nowMs - startMs) / stepMs)
      if (step < 0 || step >= steps) {
        targets.clear()
        decidedStep = -1
        return
      }
      const present = presentOf(tick)
      const same =
        step === decidedStep &&
        present.length === decidedFor.length &&
        present.every(({ k }, j) => decidedFor[j] === k)
      if (same) return
      decidedStep = step
      decidedFor = present.map(({ k }) => k)
      decide(present, step, tick)
    },
    target: (key) => targets.get(key) ?? null,
  }
}

import type { Occupancy } from './occupancy.ts'
import { atLeast, highest, lowest, nearest, type Pilots } from './pilots.ts'

/**
 * From plan to pilots, for one step. Who can do what is planned for him does it. What is planned
 * below a lowest current, or between two pilots, is put together for each pool of vehicles, and who
 * of the pool draws it is decided anew. Vehicles of a pool are exchangeable: they see the same limits
 * and the same prices, so it costs nothing when one charges now and the other later, as long as both
 * get what the plan gives them at such prices before they leave. That freedom is used to charge few
 * at a time, each with a current that it can take, and to switch seldom:
 *
 *     budget(pool) = planned now + what its vehicles were planned before and did not get
 *     urgency(car) = steps that it can still wait (slack); `stickS` less for one that is on
 *     1 hold   lowest pilot to those that must stay on (least time on, or no change left)
 *     2 follow highest pilot up to what is planned
 *     3 deal   the rest of each budget in the order of urgency, each as much as is due to it
 *     4 fill   what limits and peaks leave, with what is due later at no better price, or is not
 *              planned at all for want of room
 *
 * Limits always have the last word; of demand charges, those that must stay on may be the exception.
 * A pause is only begun when there is a change left to end it. O(N log N + N * pilots * depth).
 */
export interface ExecuteEv {
  /** Index into the devices of the occupancy. */
  readonly device: number
  /** Vehicles with the same name see the same limits and prices. */
  readonly pool: string
  readonly wattsPerAmp: number
  /** Planned for this step, amperes. */
  readonly plannedA: number
  /** Planned before and not drawn; below 0 = drawn ahead of the plan. Ampere steps. */
  readonly owedA: number
  /** Owed, or planned from now on at no better price than now, ampere steps. */
  readonly dueA: number
  /** Wanted and not planned, for want of room, though it is worth its price now. Ampere steps. */
  readonly unplannedA: number
  /** What it would still take, ampere steps. */
  readonly needA: number
  /** How many steps it can wait and still get, at full current, what is planned for it. */
  readonly slackSteps: number
  /** The most it draws. */
  readonly maxA: number
  /** The most that it may be offered: its EVSE, an event. */
  readonly limitA: number
  readonly pilots: Pilots
  readonly isOn: boolean
  /** How long it has been on or off. */
  readonly sinceS: number
  /** On/off changes of its session so far. */
  readonly changes: number
}

export interface ExecuteRules {
  readonly stepS: number
  readonly minOnS: number
  readonly minOffS: number
  /** Who is on counts as so much more urgent than who is off. */
  readonly stickS: number
  /** On/off changes of a session; `null` = no limit. */
  readonly maxChanges: number | null
}

export const DEFAULT_RULES: Omit<ExecuteRules, 'stepS'> = {
  minOnS: 900,
  minOffS: 600,
  stickS: 900,
  maxChanges: null,
}

/** What bounds a step besides pilots. */
export interface ExecuteRoom {
  /** With what others draw already; the currents of the vehicles are added. */
  readonly occupancy: Occupancy
  /** All vehicles together without a higher demand charge, watts; may be `Infinity`. */
  readonly totalW: number
}

const SMALL = 1e-9

/** Where any current will do nothing need be switched: a trifle keeps it on. */
const mustStayOn = ({ pilots, isOn, sinceS, changes }: ExecuteEv, rules: ExecuteRules): boolean =>
  pilots !== null &&
  isOn &&
  (sinceS < rules.minOnS || (rules.maxChanges !== null && changes + 2 > rules.maxChanges))

/** A vehicle that was never on need not rest. */
const mayBeOn = ({ pilots, isOn, sinceS, changes }: ExecuteEv, rules: ExecuteRules): boolean =>
  pilots === null ||
  isOn ||
  ((changes === 0 || sinceS >= rules.minOffS) &&
    (rules.maxChanges === null || changes < rules.maxChanges))

/** Most urgent first; those to whom nothing is due come last. */
const inOrder = (evs: readonly ExecuteEv[], { stickS, stepS }: ExecuteRules): number[] => {
  const keys = evs.map(({ slackSteps, isOn }) => slackSteps - (isOn ? stickS / stepS : 0))
  const isIdle = evs.map(({ dueA }) => Number(dueA <= SMALL))
  return evs.map((_, k) => k).sort((a, b) => isIdle[a] - isIdle[b] || keys[a] - keys[b] || a - b)
}

/** The pilot at which it would be full after this step, or its highest. */
const fullA = ({ pilots, limitA, maxA, needA }: ExecuteEv): number =>
  atLeast(pilots, Math.min(maxA, needA), limitA)

/** What is planned for it, as far as its pilots go. */
const plannedPilot = ({ pilots, plannedA, dueA, limitA }: ExecuteEv): number =>
  highest(pilots, Math.min(plannedA, dueA, limitA))

/** As much as is due to it, out of `leftA` of its pool. */
const dealtPilot = (ev: ExecuteEv, leftA: number): number =>
  Math.min(fullA(ev), atLeast(ev.pilots, ev.dueA, ev.limitA), nearest(ev.pilots, leftA, ev.limitA))

const budgets = (evs: readonly ExecuteEv[], givenA: Float64Array): Map<string, number> => {
  const budget = new Map<string, number>()
  evs.forEach(({ pool, plannedA, owedA }, k) =>
    budget.set(pool, (budget.get(pool) ?? 0) + plannedA + owedA - givenA[k]),
  )
  return budget
}

/** Pilots for this step in the order of `evs`, amperes per conductor; 0 = pause. */
export const execute = (
  evs: readonly ExecuteEv[],
  rules: ExecuteRules,
  { occupancy, totalW }: ExecuteRoom,
): Float64Array => {
  const givenA = new Float64Array(evs.length)
  const order = inOrder(evs, rules)
  const may = evs.map((ev) => mayBeOn(ev, rules))
  let leftW = totalW

  /** Raises vehicle `k` as far as pilots and limits allow, but not above `goalA`. */
  const raise = (k: number, goalA: number, mostW = leftW): void => {
    const { device, pilots, limitA, wattsPerAmp } = evs[k]
    if (goalA <= givenA[k] + SMALL) return
    const roomA = occupancy.room(device, Math.min(goalA - givenA[k], mostW / wattsPerAmp))
    const moreA = highest(pilots, Math.min(limitA, givenA[k] + roomA)) - givenA[k]
    if (moreA <= SMALL) return
    givenA[k] += moreA
    leftW -= moreA * wattsPerAmp
    occupancy.add(device, moreA)
  }

  for (const k of order) {
    if (mustStayOn(evs[k], rules)) raise(k, lowest(evs[k].pilots), Infinity)
  }
  const budget = budgets(evs, givenA)

  /** To those to whom something is due, out of the budget of their pool. */
  const give = (k: number, pilotOf: (ev: ExecuteEv, leftA: number) => number): void => {
    const ev = evs[k]
    if (!may[k] || ev.dueA <= SMALL) return
    const before = givenA[k]
    const leftA = budget.get(ev.pool)!
    raise(k, pilotOf(ev, before + leftA))
    budget.set(ev.pool, leftA - (givenA[k] - before))
  }

  const fill = (k: number): void => {
    const { dueA, unplannedA, needA, pilots, limitA } = evs[k]
    const restA = Math.max(0, dueA - givenA[k]) + unplannedA
    // The last of what it needs is worth a step, however little it is: it would wait for good.
    const isLast = restA > SMALL && restA >= needA - givenA[k] - SMALL
    const goalA = isLast ? fullA(evs[k]) : nearest(pilots, givenA[k] + restA, limitA)
    raise(k, Math.min(fullA(evs[k]), goalA))
  }

  for (const k of order) give(k, plannedPilot)
  for (const k of order) give(k, dealtPilot)
  for (const k of order) if (givenA[k] > 0) fill(k)
  for (const k of order) if (givenA[k] === 0 && may[k]) fill(k)
  return givenA
}

import type { Pilots } from '../algorithms/pilots.ts'

/**
 * From plan to pilots, for one interval. The plan's amount for each pool of vehicles is kept; who of
 * the pool draws it is decided anew. Vehicles of a pool are exchangeable: they see the same limits
 * and the same prices, so it costs nothing when one charges now and the other later, as long as
 * both get what the plan gives them at such prices before they leave. That freedom is used to charge
 * few at a time, each with a current that it can take, and to switch seldom:
 *
 *     budget(pool) = planned now + what the pool is owed since the plan was made
 *     urgency(car) = last interval at which full current still delivers what is due to it
 *     1 hold   lowest pilot to those that must stay on (least time on, or no change left)
 *     2 deal   the budget of each pool in the order of urgency, each as much as is due to it;
 *              one that is on counts as more urgent by `stick` intervals
 *     3 fill   what limits and peaks leave, with what is due later at no better price, or is not
 *              planned at all for want of room
 *
 * Limits always have the last word; of peaks that cost money, those that must stay on may be the
 * exception. A pause is only begun when there is a change left to end it.
 * O(N log N + N * pilots * rows).
 */
export interface Share {
  readonly pool: string
  /** Planned for this interval, amperes. */
  readonly plannedA: number
  /**
   * Due to it now or later at no better price than now, ampere intervals: what it was promised before
   * and did not get counts, what it got ahead of the plan does not.
   */
  readonly dueA: number
  /** Wanted and not planned, for want of room or because it was not worth its price. */
  readonly unplannedA: number
  /** What it would still take, ampere intervals. */
  readonly needA: number
  /** Until it leaves. */
  readonly intervalsLeft: number
  readonly maxA: number
  readonly pilots: Pilots
  readonly wattsPerAmp: number
  readonly isOn: boolean
  /** How long it has been on or off. */
  readonly sinceIntervals: number
  /** On/off changes so far. */
  readonly changes: number
}

export interface DealRules {
  readonly minOn: number
  readonly minOff: number
  readonly stick: number
  /** On/off changes of a session; `null` = no limit. */
  readonly maxChanges: number | null
}

/** What bounds the deal besides the pilots. */
export interface DealRoom {
  /** Amperes that car `k` may draw more, up to `mostA`. */
  room(k: number, mostA: number): number
  /** Books `amps` more for car `k`. */
  take(k: number, amps: number): void
  /** All cars together, watts (demand charges). */
  readonly totalW: number
  /** Per pool: ampere intervals by which it was behind its plan before this one. */
  readonly owedA: ReadonlyMap<string, number>
  /** Whether a kWh that is not planned at all is worth its price now. */
  readonly takesUnplanned: boolean
}

const SMALL = 1e-9

/** Highest pilot up to `mostA`; 0 when there is none. */
const highest = (pilots: Pilots, mostA: number): number =>
  pilots === null ? mostA : (pilots.findLast((amps) => amps <= mostA + SMALL) ?? 0)

/** Lowest pilot from `leastA` on, else the highest there is. */
const atLeast = (pilots: Pilots, leastA: number): number =>
  pilots === null ? leastA : (pilots.find((amps) => amps >= leastA - SMALL) ?? pilots.at(-1)!)

/** The pilot next to `wantedA`. */
const nearest = (pilots: Pilots, wantedA: number): number => {
  const below = highest(pilots, wantedA)
  const above = atLeast(pilots, wantedA)
  return wantedA - below < above - wantedA ? below : above
}

const lowest = ({ pilots }: Share): number => pilots?.find((amps) => amps > 0) ?? 0

const mustStayOn = ({ isOn, sinceIntervals, changes }: Share, rules: DealRules): boolean =>
  isOn &&
  (sinceIntervals < rules.minOn || (rules.maxChanges !== null && changes + 2 > rules.maxChanges))

const mayBeOn = ({ isOn, sinceIntervals, changes }: Share, rules: DealRules): boolean =>
  isOn ||
  ((changes === 0 || sinceIntervals >= rules.minOff) &&
    (rules.maxChanges === null || changes < rules.maxChanges))

const urgency = ({ intervalsLeft, dueA, maxA, isOn }: Share, stick: number): number =>
  intervalsLeft - dueA / maxA - (isOn ? stick : 0)

/** Most urgent first; cars to which nothing is due come last. */
const inOrder = (shares: readonly Share[], { stick }: DealRules): number[] => {
  const keys = shares.map((share) => urgency(share, stick))
  const isIdle = shares.map(({ dueA }) => Number(dueA <= SMALL))
  return shares.map((_, k) => k).sort((a, b) => isIdle[a] - isIdle[b] || keys[a] - keys[b] || a - b)
}

/** The pilot at which it would be full after this interval, or its highest. */
const fullA = ({ pilots, maxA, needA }: Share): number => atLeast(pilots, Math.min(maxA, needA))

/** @returns amperes in the order of `shares` */
export const deal = (
  shares: readonly Share[],
  rules: DealRules,
  limits: DealRoom,
): Float64Array => {
  const given = new Float64Array(shares.length)
  const order = inOrder(shares, rules)
  let leftW = limits.totalW

  /** Raises car `k` as far as pilots and limits allow, but not above `goalA`. */
  const raise = (k: number, goalA: number, mostW = leftW): void => {
    const { pilots, wattsPerAmp } = shares[k]
    if (goalA <= given[k] + SMALL) return
    const roomA = limits.room(k, Math.min(goalA - given[k], mostW / wattsPerAmp))
    const moreA = highest(pilots, given[k] + roomA) - given[k]
    if (moreA <= SMALL) return
    given[k] += moreA
    leftW -= moreA * wattsPerAmp
    limits.take(k, moreA)
  }

  for (const k of order) {
    if (mustStayOn(shares[k], rules)) raise(k, lowest(shares[k]), Infinity)
  }

  const budget = new Map(limits.owedA)
  shares.forEach(({ pool, plannedA }, k) =>
    budget.set(pool, (budget.get(pool) ?? 0) + plannedA - given[k]),
  )
  const may = shares.map((share) => mayBeOn(share, rules))
  for (const k of order) {
    const share = shares[k]
    if (!may[k] || share.dueA <= SMALL) continue
    const before = given[k]
    const leftA = budget.get(share.pool)!
    const wantedA = Math.min(fullA(share), atLeast(share.pilots, share.dueA))
    raise(k, Math.min(wantedA, nearest(share.pilots, before + leftA)))
    budget.set(share.pool, leftA - (given[k] - before))
  }

  const fill = (k: number): void => {
    const { dueA, unplannedA, pilots } = shares[k]
    const restA = Math.max(0, dueA - given[k]) + (limits.takesUnplanned ? unplannedA : 0)
    raise(k, Math.min(fullA(shares[k]), nearest(pilots, given[k] + restA)))
  }
  for (const k of order) if (given[k] > 0) fill(k)
  for (const k of order) if (given[k] === 0 && may[k]) fill(k)
  return given
}

import { roomFor, type Occupancy, occupancyOf, occupy, type ExecuteNode } from './occupancy.ts'
import type { LineCurrent } from '../../domain/wiring.ts'

/**
 * From planned to applied current, for one interval. A plan says 2.3 A; a charger can do 0 or 6 A
 * and more, in whole amperes or in the steps of its pilot set, and should not be switched on and
 * off all the time. What an interval cannot apply is carried to the next (error feedback), so
 * that the mean follows the plan: a car planned at 2 A charges at 6 A a third of the time, and
 * cars take turns by themselves because whoever waits gathers claim.
 *
 *     want   = planned + carried                     admitted when want reaches half the minimum
 *     1 admit   lowest current to those that must stay on, then by want, longest wait first
 *     2 raise   to the highest allowed current not above want
 *     3 round   up by one step where at least half of it is wanted, largest remainder first
 *     carry  = want - applied, within +-carryLimitA
 *
 * The tree always has the last word (true phasor sums, kW). O(N log N + N * pilots * depth).
 */
export interface ExecuteEv {
  readonly id: string
  /** Index into the nodes. */
  readonly node: number
  readonly line: LineCurrent
  readonly wattsPerAmp: number
  /** Mean current of the plan for the interval, per conductor. */
  readonly plannedA: number
  readonly minA: number
  readonly maxA: number
  /** Currents that can be applied besides 0, ascending; `null` = any from `minA` to `maxA`. */
  readonly pilotsA: readonly number[] | null
  /** Takes what it is offered; false = full, suspended or gone: gets 0 and forgets its carry. */
  readonly isTaking: boolean
}

export interface ExecuteState {
  readonly isOn: boolean
  /** How long it has been on or off. */
  readonly sinceS: number
  /** Current that it was short of (positive) or given too much, so far. */
  readonly carryA: number
  /** On/off changes in this session. */
  readonly switches: number
}

export interface ExecuteRules {
  readonly intervalS: number
  readonly minOnS: number
  readonly minOffS: number
  /**
   * Switching on needs this much more than half the minimum, switching off this much less: larger
   * means fewer changes and coarser following.
   */
  readonly hysteresisA: number
  readonly carryLimitA: number
  /** Changes allowed per session; the last one is kept for coming back. `null` = no limit. */
  readonly maxSwitches: number | null
}

export const DEFAULT_RULES: Omit<ExecuteRules, 'intervalS'> = {
  minOnS: 900,
  minOffS: 600,
  hysteresisA: 0,
  carryLimitA: 24,
  maxSwitches: null,
}

/** A vehicle that has just been plugged in may be switched on at once. */
export const NEW_SESSION: ExecuteState = {
  isOn: false,
  sinceS: Infinity,
  carryA: 0,
  switches: 0,
}

export interface ExecuteResult {
  /** Amperes per conductor, in the order of the vehicles. */
  readonly appliedA: Float64Array
  readonly states: readonly ExecuteState[]
}

interface Claim {
  readonly index: number
  readonly ev: ExecuteEv
  readonly state: ExecuteState
  readonly wantA: number
  readonly mustStay: boolean
}

const SMALL = 1e-9

const lowest = ({ pilotsA, minA }: ExecuteEv): number => pilotsA?.[0] ?? minA

/** Highest current that can be applied and is not above `limitA`; 0 when there is none. */
const atMost = ({ pilotsA, minA, maxA }: ExecuteEv, limitA: number): number => {
  const limit = Math.min(limitA, maxA) + SMALL
  if (pilotsA === null) return limit >= minA ? Math.min(limitA, maxA) : 0
  let best = 0
  for (const pilot of pilotsA) if (pilot <= limit) best = pilot
  return best
}

/** The next current above `appliedA`; `null` when there is none. */
const nextAbove = ({ pilotsA, maxA }: ExecuteEv, appliedA: number): number | null =>
  pilotsA?.find((pilot) => pilot > appliedA + SMALL && pilot <= maxA + SMALL) ?? null

/** Whether it may be switched off because it wants too little: dwell time and changes left. */
const mustStayOn = (state: ExecuteState, rules: ExecuteRules): boolean =>
  state.isOn &&
  (state.sinceS < rules.minOnS ||
    (rules.maxSwitches !== null && state.switches + 2 > rules.maxSwitches))

const claimOf = (
  ev: ExecuteEv,
  state: ExecuteState,
  index: number,
  rules: ExecuteRules,
): Claim | null => {
  if (!ev.isTaking || atMost(ev, ev.maxA) === 0) return null
  const wantA = ev.plannedA + state.carryA
  const mustStay = mustStayOn(state, rules)
  const half = lowest(ev) / 2
  if (!state.isOn) {
    const isResting = state.sinceS < rules.minOffS
    const isSpent = rules.maxSwitches !== null && state.switches + 1 > rules.maxSwitches
    if (isResting || isSpent || wantA < half + rules.hysteresisA) return null
  } else if (!mustStay && wantA < half - rules.hysteresisA) return null
  return { index, ev, state, wantA, mustStay }
}

/** Those that must stay on first, then the largest want, then the longest wait. */
const byClaim = (a: Claim, b: Claim): number =>
  Number(b.mustStay) - Number(a.mustStay) ||
  b.wantA - a.wantA ||
  (b.state.isOn ? 0 : b.state.sinceS) - (a.state.isOn ? 0 : a.state.sinceS) ||
  a.index - b.index

/** Raises a vehicle to `goalA` or as far as the tree allows. */
const raise = (claim: Claim, goalA: number, occupancy: Occupancy, appliedA: Float64Array): void => {
  const { ev, index } = claim
  const now = appliedA[index]
  if (goalA <= now + SMALL) return
  const reached = atMost(ev, Math.min(goalA, now + roomFor(occupancy, ev)))
  if (reached <= now + SMALL) return
  appliedA[index] = reached
  occupy(occupancy, ev, reached - now)
}

const roundUp = (claims: Claim[], occupancy: Occupancy, appliedA: Float64Array): void => {
  const remainders = claims
    .filter(({ index }) => appliedA[index] > 0)
    .map((claim) => ({ claim, missing: claim.wantA - appliedA[claim.index] }))
    .sort((a, b) => b.missing - a.missing || a.claim.index - b.claim.index)
  for (const { claim, missing } of remainders) {
    const now = appliedA[claim.index]
    const next = nextAbove(claim.ev, now)
    if (next === null || missing < (next - now) / 2) continue
    if (roomFor(occupancy, claim.ev) >= next - now - SMALL) raise(claim, next, occupancy, appliedA)
  }
}

const nextState = (
  ev: ExecuteEv,
  state: ExecuteState,
  appliedA: number,
  { intervalS, carryLimitA }: ExecuteRules,
): ExecuteState => {
  const isOn = appliedA > 0
  const hasSwitched = isOn !== state.isOn
  const carry = ev.isTaking ? ev.plannedA + state.carryA - appliedA : 0
  return {
    isOn,
    sinceS: (hasSwitched ? 0 : state.sinceS) + intervalS,
    carryA: Math.max(-carryLimitA, Math.min(carryLimitA, carry)),
    switches: state.switches + (hasSwitched ? 1 : 0),
  }
}

/**
 * Currents for this interval, and the states to hand in with the next one. `states` are in the
 * order of `evs`; node limits are what these vehicles may draw now.
 */
export const execute = (
  nodes: readonly ExecuteNode[],
  evs: readonly ExecuteEv[],
  states: readonly ExecuteState[],
  rules: ExecuteRules,
): ExecuteResult => {
  const appliedA = new Float64Array(evs.length)
  const occupancy = occupancyOf(nodes)
  const claims = evs
    .map((ev, i) => claimOf(ev, states[i], i, rules))
    .filter((claim) => claim !== null)
    .sort(byClaim)
  for (const claim of claims) raise(claim, lowest(claim.ev), occupancy, appliedA)
  for (const claim of claims) {
    if (appliedA[claim.index] > 0) raise(claim, claim.wantA, occupancy, appliedA)
  }
  roundUp(claims, occupancy, appliedA)
  return {
    appliedA,
    states: evs.map((ev, i) => nextState(ev, states[i], appliedA[i], rules)),
  }
}

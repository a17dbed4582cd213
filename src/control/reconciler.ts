import type { EvseState } from '../domain/evse-state.ts'
import type { Reason } from '../domain/reason.ts'
import {
  addLoad,
  blockingRow,
  clearLoads,
  POWER_ROW,
  rowCap,
  rowLoad,
  type Draws,
  type Rows,
} from '../engine/rows.ts'
import { notAboveAfter, type LimitSegment } from '../engine/schedule.ts'
import type { Topology } from '../engine/topology.ts'
import type { Asks } from './asks.ts'
import type { Commands } from './commands.ts'
import { disobeys, inForceA, toldPhases, type EvseControl } from './evse-control.ts'
import { isGenerous, isMiswritten, needsRenewal } from './renewal.ts'
import type { ControlRules } from './rules.ts'
import type { Silence } from './silence.ts'

/** How often a limit is repeated to a station that draws more, before it is derated. */
const RESENDS = 3

/** So long before a decrease that a profile carries begins, it is looked at once more. */
const LOOK_AGAIN_MS = 5_000

/** What the reconciler sees of one tick. */
export interface ReconcileInput {
  readonly nowMs: number
  readonly topology: Topology
  readonly controls: readonly EvseControl[]
  readonly states: readonly EvseState[]
  readonly asks: Asks
  readonly grantA: Float64Array
  /** Caps that increases must fit into. */
  readonly rows: Rows
  /** Caps above which decreases can no longer wait (part of the margin used up). */
  readonly guardRows: Rows
  /** The meter of a node shows more than its limit: what is to make room has not done so yet. */
  isOverloaded(node: number): boolean
  /** Limits of the EVSE from now until a time: the grant, lowered where an event is due. */
  segments(evse: number, limitA: number, untilMs: number): LimitSegment[]
  readonly silence: Pick<Silence, 'bears' | 'isOver'>
  /** Why an increase is held back. */
  held(evse: number, reason: Reason): void
}

/**
 * Brings what the stations hold towards what was granted. Decreases first: an increase goes out only
 * when what every station *may draw now* leaves room for it, so the decreases that make room must
 * have been accepted (and followed) before. Changes within the dead-band wait, unless a limit needs
 * them, or an increase that waits for room; profiles are renewed before they run out.
 */
export const createReconciler = (evseCount: number, commands: Commands, rules: ControlRules) => {
  const forced = new Uint8Array(evseCount)
  /** On a row that was too full for somebody's increase, at the last tick. */
  const crowding = new Uint8Array(evseCount)

  /** Marks the EVSEs that load a row. */
  const markThose = (marks: Uint8Array, members: Int32Array, row: number, { re }: Draws): void => {
    for (const e of members) if (row === POWER_ROW || re[e * 3 + row] !== 0) marks[e] = 1
  }

  /**
   * Marks the EVSEs that load a row on which more may be drawn than it can carry, and those that may
   * draw more than an event leaves to them.
   */
  const markForced = (rows: Rows, { topology, asks }: ReconcileInput): void => {
    for (let e = 0; e < evseCount; e++) {
      forced[e] = asks.mayDrawA[e] > asks.eventA[e] + 1e-6 ? 1 : 0
    }
    for (let zone = 0; zone < topology.zoneCount; zone++) {
      for (let row = 0; row < 4; row++) {
        const cap = rowCap(rows, zone, row)
        if (cap === Infinity || rowLoad(rows, zone, row) <= cap + 1e-6) continue
        markThose(forced, topology.members[zone], row, asks.draws)
      }
    }
  }

  /** A limit needs it: who refused is steered again, and asked again, sooner than it otherwise would. */
  const hurry = (control: EvseControl): void => {
    if (control.isUnsupported) return
    control.retryAtMs = Math.min(control.retryAtMs, control.refusedAtMs + rules.urgentRetryMs)
  }

  const canCommand = (control: EvseControl, state: EvseState, nowMs: number): boolean =>
    state.ready &&
    control.failsafeA !== null &&
    control.transactionId !== null &&
    (control.inFlight === null || control.inFlight.unknown) &&
    nowMs >= control.retryAtMs

  const changeMatters = (fromA: number, toA: number): boolean =>
    toA === 0 ||
    fromA === 0 ||
    Math.abs(toA - fromA) > Math.max(rules.deadBandA, rules.deadBandFraction * fromA) + 1e-9

  /**
   * How long a profile outlives its generous part. One phase of three is generous on its own line and
   * restrictive on the others, which the failsafe would use: it must do both.
   */
  const tailOf = (control: EvseControl, limitA: number, lifeMs: number): number =>
    control.phases &&
    toldPhases(control) === 1 &&
    isGenerous(control, limitA) &&
    control.failsafeA !== 0
      ? rules.restrictiveValidityMs - lifeMs
      : 0

  /**
   * The profile carries a decrease that would not be said any more, or not so low: its event was
   * cancelled or changed, or others make room for it now.
   */
  const isOutdated = (input: ReconcileInput, e: number, limitA: number): boolean => {
    const { evse, accepted } = input.controls[e]
    const atMs = input.nowMs + LOOK_AGAIN_MS
    const carried = accepted?.segments.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs)
    if (!carried || carried.limitA >= limitA) return false
    const usable = (amps: number): number => (amps < evse.minA ? 0 : amps)
    const carriedA = usable(carried.limitA)
    const foreseenA = usable(input.segments(e, limitA, atMs + 1).at(-1)!.limitA)
    return foreseenA > carriedA && changeMatters(carriedA, foreseenA)
  }

  /**
   * A coming decrease that the profile does not carry: if we fell silent now, it would not be kept.
   * Looked at as often as a short profile is renewed.
   */
  const lacksDecrease = (input: ReconcileInput, e: number): boolean => {
    const { accepted } = input.controls[e]
    if (!accepted || input.nowMs - accepted.acceptedAtMs < rules.profileValidityMs / 2) return false
    if (accepted.segments.length === 0 || accepted.validToMs === Infinity) return false
    return input.segments(e, accepted.limitA, accepted.validToMs).some(({ startMs, limitA }) => {
      const held = accepted.segments.findLast((segment) => segment.startMs <= startMs)
      return held !== undefined && limitA < held.limitA && changeMatters(held.limitA, limitA)
    })
  }

  const lifeOf = (input: ReconcileInput, e: number, limitA: number): number => {
    if (!isGenerous(input.controls[e], limitA)) return rules.restrictiveValidityMs
    return input.silence.bears(e, limitA) ? rules.longValidityMs : rules.profileValidityMs
  }

  const send = (input: ReconcileInput, e: number, limitA: number): void => {
    const { nowMs } = input
    const control = input.controls[e]
    const state = input.states[e]
    const { clockMs = 0 } = state
    control.sentGeneration = state.generation
    control.sentClockMs = clockMs
    if (clockMs === null) {
      // Nothing that ends or changes by the clock: the least of the time, without an end.
      const foreseen = input.segments(e, limitA, nowMs + rules.restrictiveValidityMs)
      const leastA = Math.min(...foreseen.map((segment) => segment.limitA))
      void commands.setLimit(control, state, [{ startMs: nowMs, endMs: Infinity, limitA: leastA }])
      return
    }
    const lifeMs = lifeOf(input, e, limitA)
    const tailMs = tailOf(control, limitA, lifeMs)
    const segments = input.segments(e, limitA, nowMs + lifeMs + tailMs)
    void commands.setLimit(
      control,
      state,
      tailMs === 0 ? segments : notAboveAfter(segments, control.failsafeA ?? 0, nowMs + lifeMs),
      tailMs,
    )
  }

  /** What can be granted: nothing above the failsafe as long as the station's clock is not known. */
  const grantable = (input: ReconcileInput, e: number): number => {
    const grantA = input.grantA[e]
    const { failsafeA } = input.controls[e]
    return input.states[e].clockMs === null ? Math.min(grantA, failsafeA ?? grantA) : grantA
  }

  /** Draws more than it accepted: said again a few times, then derated to its minimum. */
  const resend = (input: ReconcileInput, evse: number, holdsA: number): void => {
    const control = input.controls[evse]
    if (input.nowMs < control.resendAtMs) return
    control.resendAtMs = input.nowMs + rules.retryAfterMs
    control.resends++
    send(input, evse, control.resends <= RESENDS ? holdsA : Math.min(holdsA, control.evse.minA))
  }

  const lower = (input: ReconcileInput): void => {
    const { nowMs } = input
    for (let e = 0; e < evseCount; e++) {
      const control = input.controls[e]
      const state = input.states[e]
      if (!canCommand(control, state, nowMs)) continue
      const holdsA = inForceA(control, nowMs)
      if (disobeys(control, nowMs, rules)) {
        resend(input, e, holdsA)
        continue
      }
      const grantA = grantable(input, e)
      const targetA = Math.min(grantA, holdsA)
      const uncertain = control.inFlight !== null || isMiswritten(control, state)
      // A profile that may be lost counts until a clock is known to write it anew for.
      if (state.clockMs === null && targetA === control.failsafeA && control.accepted) {
        if (control.sentGeneration !== state.generation || control.inFlight) continue
      }
      const isNeeded = forced[e] === 1 || crowding[e] === 1
      const fewer = targetA < holdsA && (isNeeded || changeMatters(holdsA, targetA))
      const expires =
        grantA <= holdsA &&
        (needsRenewal(control, nowMs, rules) || input.silence.isOver(e) || lacksDecrease(input, e))
      if (uncertain || fewer || expires || isOutdated(input, e, targetA)) send(input, e, targetA)
    }
  }

  const overloadedAbove = (
    input: ReconcileInput,
    e: number,
  ): { zone: number; row: number } | null => {
    const { topology } = input
    for (let node = topology.evseNode[e]; node >= 0; node = topology.parent[node]) {
      if (input.isOverloaded(node)) return { zone: node, row: POWER_ROW }
    }
    return null
  }

  const raise = (input: ReconcileInput): void => {
    const { nowMs, topology, asks, rows } = input
    crowding.fill(0)
    for (let e = 0; e < evseCount; e++) {
      const control = input.controls[e]
      if (!canCommand(control, input.states[e], nowMs) || control.inFlight) continue
      if (disobeys(control, nowMs, rules)) continue
      const holdsA = inForceA(control, nowMs)
      const grantA = grantable(input, e)
      if (grantA < input.grantA[e]) input.held(e, { code: 'clock-unknown', failsafeA: grantA })
      const riseA = grantA - Math.max(holdsA, asks.mayDrawA[e])
      if (grantA <= holdsA) continue
      const due = nowMs - control.lastRiseMs >= rules.riseEveryMs
      const matters = changeMatters(holdsA, grantA) || grantA >= asks.surplusA[e] - 1e-9
      const blocked =
        overloadedAbove(input, e) ?? blockingRow(rows, topology, asks.draws, e, Math.max(0, riseA))
      if (due && matters && !blocked) {
        addLoad(rows, topology, asks.draws, e, Math.max(0, riseA))
        send(input, e, grantA)
        continue
      }
      if (blocked && matters) {
        markThose(crowding, topology.members[blocked.zone], blocked.row, asks.draws)
      }
      if (blocked) input.held(e, { code: 'room-pending', waitingForA: riseA })
      else if (!due) input.held(e, { code: 'ramp', targetA: grantA })
      if (needsRenewal(control, nowMs, rules) || lacksDecrease(input, e)) send(input, e, holdsA)
    }
  }

  return (input: ReconcileInput): void => {
    const { topology, asks, rows, guardRows } = input
    clearLoads(rows)
    for (let e = 0; e < evseCount; e++) {
      addLoad(rows, topology, asks.draws, e, asks.mayDrawA[e])
    }
    guardRows.re.set(rows.re)
    guardRows.im.set(rows.im)
    guardRows.loadW.set(rows.loadW)
    markForced(guardRows, input)
    for (let e = 0; e < evseCount; e++) {
      const control = input.controls[e]
      control.isPressed = forced[e] === 1
      if (control.isPressed) hurry(control)
      const state = input.states[e]
      const due = input.nowMs >= control.retryAtMs && control.evse.control !== 'off'
      if (!state.ready || !due || (control.inFlight && !control.inFlight.unknown)) continue
      if (control.assertedGeneration !== state.generation) {
        void commands.assertFailsafe(control, state)
      }
    }
    lower(input)
    raise(input)
  }
}

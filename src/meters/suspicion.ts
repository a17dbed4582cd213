import type { Reading } from '../domain/reading.ts'
import { total, type PerPhase } from '../domain/phases.ts'
import type { Quantity } from './quantity.ts'

/**
 * What one meter's own past and its other values say against a reading. A reading that is found
 * here may be true, so it is marked and not thrown away:
 *
 * - power above what the currents can carry: |P| <= sum of V |I|;
 * - a change by a factor of a thousand, up or down: a unit or a scale that switched;
 * - the negative of the reading before: a sign that flipped;
 * - every digit the same for far longer than ever before: a gateway that repeats its last value.
 *
 * O(1) per reading.
 */
export interface Suspicion {
  /** Why the reading is suspect, as a sentence without its subject; `null` = nothing against it. */
  judge(reading: Reading, derived: readonly Quantity[]): string | null
}

/** Whole amperes on three phases; voltage above nominal. */
const SLACK_W = 500
const SLACK_FACTOR = 1.3
/** Smaller loads switch off, or cross zero, to any ratio. */
const JUMP_FROM_W = 1_000
const MIRROR_FROM_W = 2_000
const MIRROR_PART = 0.03
const THOUSAND = { low: 950, high: 1_050 }
/** A new level that stays this long is taken for the truth. */
const JUMP_MS = 300_000
/** A meter is known to move after so many changes; then it may rest ten times its longest rest. */
const MOVES = 20
const REST_FACTOR = 10
const LEAST_REST_MS = 120_000

const watts = (value: number): string =>
  Math.abs(value) >= 1_000 ? `${(value / 1_000).toFixed(1)} kW` : `${Math.round(value)} W`

const contradictsCurrents = (
  { powerW, currentA }: Reading,
  derived: readonly Quantity[],
  voltageV: number,
): string | null => {
  if (powerW === undefined || !currentA) return null
  if (derived.includes('powerW') || derived.includes('currentA')) return null
  const mostW = voltageV * total(currentA.map(Math.abs) as unknown as PerPhase)
  return Math.abs(powerW) > mostW * SLACK_FACTOR + SLACK_W
    ? `shows ${watts(powerW)}, but its currents carry ${watts(mostW)} at most`
    : null
}

/** How a power follows the one before, if not as a load would. */
const jumpOf = (beforeW: number, nowW: number): string | null => {
  const ratio = Math.abs(nowW / beforeW)
  const isLess = Math.abs(beforeW) >= JUMP_FROM_W && ratio > 0
  if (isLess && 1 / ratio > THOUSAND.low && 1 / ratio < THOUSAND.high) {
    return `fell from ${watts(beforeW)} to a thousandth of it`
  }
  if (Math.abs(nowW) >= JUMP_FROM_W && ratio > THOUSAND.low && ratio < THOUSAND.high) {
    return `rose from ${watts(beforeW)} to a thousand times that`
  }
  const isMirrored = Math.abs(nowW + beforeW) <= MIRROR_PART * Math.abs(beforeW)
  return Math.abs(beforeW) >= MIRROR_FROM_W && isMirrored
    ? `turned from ${watts(beforeW)} to ${watts(nowW)}: its sign may have flipped`
    : null
}

const isSameLevel = (a: number, b: number): boolean =>
  Math.sign(a) === Math.sign(b) && Math.abs(a) < 3 * Math.abs(b) && Math.abs(b) < 3 * Math.abs(a)

/** Notices readings at a level to which no load would have moved from the one before. */
const createJumps = () => {
  let beforeW: number | null = null
  let jump: { readonly why: string; readonly toW: number; readonly atMs: number } | null = null
  return ({ powerW, receivedAtMs }: Reading): string | null => {
    if (powerW === undefined) return null
    // It lasts while the power stays at the level to which it jumped.
    const isOver =
      jump === null ||
      !isSameLevel(powerW, jump.toW) ||
      Math.abs(receivedAtMs - jump.atMs) > JUMP_MS
    if (isOver) {
      const returned = jump !== null && !isSameLevel(powerW, jump.toW)
      const why = beforeW === null || returned ? null : jumpOf(beforeW, powerW)
      jump = why === null ? null : { why, toW: powerW, atMs: receivedAtMs }
    }
    beforeW = powerW
    return jump?.why ?? null
  }
}

const sameDigits = (a: Reading, b: Reading): boolean =>
  a.powerW === b.powerW &&
  String(a.currentA) === String(b.currentA) &&
  String(a.powerPerPhaseW) === String(b.powerPerPhaseW)

const isIdle = ({ powerW, currentA }: Reading): boolean =>
  (powerW ?? 0) === 0 && (currentA ?? [0, 0, 0]).every((amps) => amps === 0)

/** Notices that a meter which is known to move does not. Zero is what an idle load shows. */
const createRests = () => {
  let last: Reading | null = null
  let sinceMs = 0
  let longestMs = 0
  let moves = 0
  return (reading: Reading): string | null => {
    const { receivedAtMs } = reading
    const restMs = receivedAtMs - sinceMs
    if (last === null || restMs < 0 || !sameDigits(last, reading)) {
      if (last !== null && restMs >= 0 && !isIdle(last)) {
        moves += 1
        longestMs = Math.max(longestMs, restMs)
      }
      last = reading
      sinceMs = receivedAtMs
      return null
    }
    const patienceMs = Math.max(LEAST_REST_MS, REST_FACTOR * longestMs)
    if (moves < MOVES || restMs <= patienceMs || isIdle(reading)) return null
    return `shows the same digits for ${Math.round(restMs / 60_000)} min, though it used to move`
  }
}

/** @param voltageV line to neutral */
export const createSuspicion = (voltageV: number): Suspicion => {
  const jumps = createJumps()
  const rests = createRests()
  return {
    judge(reading, derived) {
      const jump = jumps(reading)
      const rest = rests(reading)
      return contradictsCurrents(reading, derived, voltageV) ?? jump ?? rest
    },
  }
}

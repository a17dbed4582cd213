import { obeys } from '../engine/may-draw.ts'

/**
 * What a station that broke its word counts as. Taking a profile proves nothing once it has drawn
 * more than one: from then on it counts at the most that it drew, whatever it accepts, until samples
 * show that a limit holds it. Each further time it takes twice as many of them.
 */
export interface Obedience {
  /** The most that it drew above its limits; 0 = it is believed. */
  readonly countsA: number
  /** How often it broke its word. */
  readonly breaches: number
  /** Samples in a row that showed it held by a limit below `countsA`. */
  readonly proofs: number
}

export const TRUSTED: Obedience = { countsA: 0, breaches: 0, proofs: 0 }

const MOST_PROOFS = 64
/** It was held only if the limit is clearly below what it drew before. */
const BELOW = 0.85

/** A settled sample: what it drew under a limit. */
export const observeObedience = (
  state: Obedience,
  drawA: number,
  limitA: number,
  minA: number,
): Obedience => {
  if (!obeys(drawA, limitA)) {
    const breaches = state.countsA === 0 ? state.breaches + 1 : state.breaches
    return { countsA: Math.max(state.countsA, drawA), breaches, proofs: 0 }
  }
  if (state.countsA === 0) return state
  // A vehicle that wants little proves nothing, unless it was told to stop and did.
  const isHeld = limitA < BELOW * state.countsA && (limitA < minA || drawA >= 0.7 * limitA)
  if (!isHeld) return state
  const proofs = state.proofs + 1
  const needed = Math.min(MOST_PROOFS, 2 ** (state.breaches - 1))
  return proofs >= needed
    ? { countsA: 0, breaches: state.breaches, proofs: 0 }
    : { ...state, proofs }
}

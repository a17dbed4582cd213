import type { EvseState } from '../domain/evse-state.ts'

/** What was held as the peak of the unheard first seconds has passed so long after everybody is heard. */
const SETTLES_MS = 15_000
/** Who is silent for so long is gone: no reason to wait. */
const LONGEST_MS = 60_000

/**
 * After a restart in the middle of transactions stations come back one after the other, and what
 * their vehicles draw looks like load of the building until they have measured. Nothing should be
 * planned or learned from that. Returns whether it is over; a site that starts without transactions
 * has nothing to wait for.
 */
export const createSettling = () => {
  let isSettled = false
  let startedMs: number | null = null
  let heardMs: number | null = null

  return (nowMs: number, states: readonly EvseState[]): boolean => {
    if (isSettled) return true
    const isStart = startedMs === null
    startedMs ??= nowMs
    heardMs = states.every(isHeard) ? (heardMs ?? nowMs) : null
    isSettled =
      (isStart && !states.some(isCharging)) ||
      (heardMs !== null && nowMs - heardMs >= SETTLES_MS) ||
      nowMs - startedMs >= LONGEST_MS
    return isSettled
  }
}

const isCharging = ({ session }: EvseState): boolean => session?.transactionId != null

const isHeard = (state: EvseState): boolean =>
  !isCharging(state) || (state.ready && state.measured !== null)

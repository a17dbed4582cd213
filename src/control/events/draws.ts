import { isOpenEnded, type GridEvent } from '../../domain/signal.ts'
import type { Random } from '../../ports/random.ts'
import type { EventMemory } from './record.ts'

export type Draws = Pick<EventMemory, 'startShiftMs' | 'endShiftMs' | 'delayedBy'>

/**
 * Random shifts of the start and the end, whole seconds, uniform: `late` in [0, bound], `either` in
 * [-bound, bound].
 *
 * An event that asks for no randomness gets the site's own random delay when it merely invites
 * (class `economic`), as the UK smart charge point regulations want it for every change of rate:
 * never on top of a delay that was already drawn, and never for demand response
 * (Electric Vehicles (Smart Charge Points) Regulations 2021, regulation 11).
 *
 * @param kept draws of an earlier version: a modified event does not jump, unless its new bound is
 *   tighter than what was drawn
 */
export const drawDelays = (
  event: GridEvent,
  policyDelayMs: number,
  kept: Draws | null,
  random: Random,
): Draws => {
  const byPolicy = event.randomize === null && event.eventClass === 'economic' && policyDelayMs > 0
  const bounds = byPolicy
    ? { startMs: policyDelayMs, endMs: policyDelayMs, direction: 'late' as const }
    : event.randomize
  if (!bounds) return { startShiftMs: 0, endShiftMs: 0, delayedBy: null }

  const shift = (boundMs: number, earlier: number | undefined): number => {
    const leastMs = bounds.direction === 'late' ? 0 : -boundMs
    if (earlier !== undefined) return Math.min(boundMs, Math.max(leastMs, earlier))
    const seconds = Math.floor((boundMs - leastMs) / 1000)
    return leastMs + Math.floor(random.next() * (seconds + 1)) * 1000
  }
  const earlier = kept?.delayedBy ? kept : null
  return {
    startShiftMs: shift(bounds.startMs, earlier?.startShiftMs),
    endShiftMs: isOpenEnded(event) ? 0 : shift(bounds.endMs, earlier?.endShiftMs),
    delayedBy: byPolicy ? 'policy' : 'event',
  }
}

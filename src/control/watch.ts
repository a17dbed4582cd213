import type { Condition } from '../domain/condition.ts'
import type { Conditions } from '../ports/conditions.ts'

/** A condition as it is seen at one look. */
export interface Sighting extends Condition {
  /** It is one only when each look has seen it for so long. */
  readonly afterMs: number
}

/**
 * Looks now and then at something and raises what it sees there, once it has lasted, and clears what
 * it sees no more.
 */
export const createWatch = (conditions: Conditions, look: () => Iterable<Sighting>) => {
  /** Since when each has been seen, monotonic. */
  let seen = new Map<string, number>()

  return (monotonicMs: number): void => {
    const now = new Map<string, number>()
    for (const { afterMs, ...condition } of look()) {
      const key = `${condition.kind}:${condition.where}`
      const sinceMs = seen.get(key) ?? monotonicMs
      now.set(key, sinceMs)
      if (monotonicMs - sinceMs >= afterMs) conditions.set(key, condition)
    }
    for (const key of seen.keys()) if (!now.has(key)) conditions.set(key, null)
    seen = now
  }
}

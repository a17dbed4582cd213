import type { ActiveCondition, Condition } from '../domain/condition.ts'

/** Where every part of the program reports what needs attention. */
export interface Conditions {
  /**
   * Raises the condition of this key, replaces it, or (`null`) clears it. May be called at every
   * tick: only changes are logged and published. Keys are `kind:where`.
   */
  set(key: string, condition: Condition | null): void
  /** What holds now: alarms first, then the latest first. */
  list(): readonly ActiveCondition[]
}

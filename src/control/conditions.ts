import type { ActiveCondition, Condition } from '../domain/condition.ts'
import type { Clock } from '../ports/clock.ts'
import type { Conditions } from '../ports/conditions.ts'
import type { Fabric } from '../ports/fabric.ts'
import type { Log } from '../ports/log.ts'

interface Entry {
  condition: ActiveCondition
  /** Set while it is gone, but not for long enough. */
  cancelClear: (() => void) | null
}

/** A condition that comes and goes is one condition: it must be gone for so long. */
const CLEAR_AFTER_MS = 30_000

/**
 * Everything that needs attention, each thing once: one log line when it begins and one when it
 * ends, one change for viewers each time, and one state for health, metrics and the page.
 */
export const createConditions = (deps: {
  readonly clock: Clock
  readonly fabric: Pick<Fabric, 'publish'>
  readonly log: Log
}): Conditions => {
  const { clock, fabric, log } = deps
  const entries = new Map<string, Entry>()

  const publish = (key: string, data: ActiveCondition | null): void =>
    fabric.publish({ kind: 'condition', id: key, atMs: clock.now(), data })

  const raise = (key: string, condition: Condition, sinceMs: number): void => {
    const active = { ...condition, key, sinceMs }
    entries.set(key, { condition: active, cancelClear: null })
    const { kind, severity, what, where, remedy } = condition
    const fields = { condition: kind, where, what, remedy }
    if (severity === 'alarm') log.error(fields, 'alarm raised')
    else log.warn(fields, 'warning raised')
    publish(key, active)
  }

  const clear = (key: string, { kind, severity, where, sinceMs }: ActiveCondition): void => {
    entries.delete(key)
    const lastedS = Math.max(0, Math.round((clock.now() - sinceMs) / 1000))
    log.info({ condition: kind, where, lastedS }, `${severity} cleared`)
    publish(key, null)
  }

  return {
    set: (key, condition) => {
      const entry = entries.get(key)
      if (condition === null) {
        if (!entry || entry.cancelClear) return
        entry.cancelClear = clock.after(CLEAR_AFTER_MS, () => clear(key, entry.condition))
        return
      }
      if (!entry) return raise(key, condition, clock.now())
      entry.cancelClear?.()
      entry.cancelClear = null
      const { kind, severity, sinceMs } = entry.condition
      if (kind !== condition.kind || severity !== condition.severity) {
        return raise(key, condition, sinceMs)
      }
      // Figures in the text may move with each tick; that is no news.
      entry.condition = { ...condition, key, sinceMs }
    },

    list: () =>
      [...entries.values()]
        .map(({ condition }) => condition)
        .sort(
          (a, b) =>
            Number(b.severity === 'alarm') - Number(a.severity === 'alarm') ||
            b.sinceMs - a.sinceMs ||
            a.key.localeCompare(b.key),
        ),
  }
}

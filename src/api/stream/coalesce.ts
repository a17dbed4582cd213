import type { Change, ChangeKind } from '../../ports/fabric.ts'
import type { Clock } from '../../ports/clock.ts'

/** What is a state: of two changes that come close together only the later one says anything. */
const STATES: ReadonlySet<ChangeKind> = new Set([
  'station',
  'evse',
  'session',
  'transaction',
  'grant',
])

/**
 * Passes changes on, at once or, for states, the latest of each thing a moment later: meter values
 * may come by the thousand per second, and nobody can look that fast.
 */
export interface Coalescer {
  take(change: Change): void
  stop(): void
}

export const createCoalescer = (
  clock: Clock,
  delayMs: number,
  pass: (change: Change) => void,
): Coalescer => {
  const waiting = new Map<ChangeKind, Map<string, Change>>()
  let cancel: (() => void) | null = null

  const flush = (): void => {
    cancel = null
    const changes = [...waiting.values()].flatMap((ofKind) => [...ofKind.values()])
    waiting.clear()
    for (const change of changes) pass(change)
  }

  return {
    take: (change) => {
      if (!STATES.has(change.kind)) return pass(change)
      let ofKind = waiting.get(change.kind)
      if (ofKind === undefined) waiting.set(change.kind, (ofKind = new Map()))
      ofKind.set(change.id, change)
      cancel ??= clock.after(delayMs, flush)
    },
    stop: () => {
      cancel?.()
      cancel = null
      waiting.clear()
    },
  }
}

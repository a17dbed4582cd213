import type { Clock } from '../ports/clock.ts'
import type { EvseControl } from './evse-control.ts'

/** Less than this between two looks is the discipline of a running clock. */
const SMALLEST_STEP_MS = 1_000

/**
 * Tells when somebody sets the wall clock (NTP after a start with a wrong battery clock, an
 * administrator), by the monotonic clock. Returns by how much since the last look; 0 = it ran on.
 */
export const createStepWatch = (clock: Pick<Clock, 'now' | 'monotonicMs'>): (() => number) => {
  let lastMs = clock.now() - clock.monotonicMs()
  return () => {
    const offsetMs = clock.now() - clock.monotonicMs()
    const stepMs = Math.round(offsetMs - lastMs)
    lastMs = offsetMs
    return Math.abs(stepMs) < SMALLEST_STEP_MS ? 0 : stepMs
  }
}

type Memory = Record<string, unknown>

/** What ends in `Ms` and is no instant. */
const DURATIONS: ReadonlySet<string> = new Set(['patienceMs', 'restMs', 'tailMs'])

const isInstant = (name: string): boolean => name.endsWith('Ms') && !DURATIONS.has(name)

/** Every other `...Ms` of what a control remembers is an instant. */
const shifted = (memory: object, stepMs: number): Memory =>
  Object.fromEntries(
    Object.entries(memory).map(([name, value]: [string, unknown]) => {
      if (typeof value === 'number') return [name, isInstant(name) ? value + stepMs : value]
      if (Array.isArray(value)) {
        const parts: readonly unknown[] = value
        const move = (part: unknown): unknown => {
          if (typeof part === 'number') return isInstant(name) ? part + stepMs : part
          return isMemory(part) ? shifted(part, stepMs) : part
        }
        return [name, parts.map(move)]
      }
      return [name, isMemory(value) ? shifted(value, stepMs) : value]
    }),
  )

const isMemory = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What stays: the design, what was shown to people, what was learned. */
const FIXED: readonly string[] = ['evse', 'grant', 'response', 'obedience']

/**
 * After a step of the wall clock: what is remembered keeps its distance to now, so that a profile
 * runs out when it would have. Everything is to be asserted again, because the stations will judge
 * the times in it by a clock that follows ours sooner or later; until they have taken it, each counts
 * at its limit or at its failsafe, whichever is higher.
 */
export const afterStep = (control: EvseControl, stepMs: number): void => {
  const memory = Object.entries(control).filter(([name]) => !FIXED.includes(name))
  Object.assign(control, shifted(Object.fromEntries(memory), stepMs))
  control.assertedGeneration = -1
  control.sentGeneration = -1
  control.retryAtMs = 0
  const { accepted, inFlight, evse } = control
  if (accepted === null || inFlight !== null) return
  const limitA = Math.max(accepted.limitA, control.failsafeA ?? evse.maxA)
  const { validToMs, acceptedAtMs, phases } = accepted
  const sentAtMs = acceptedAtMs
  control.inFlight = { limitA, othersA: limitA, phases, validToMs, sentAtMs, unknown: true }
}

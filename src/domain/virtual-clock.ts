/**
 * A clock that stands still until it is told to move: a day of control in a second, the same way
 * each time. It has the shape of the port `Clock`.
 *
 * Timers wait in a binary heap ordered by (due time, order of creation), so that equal times run in
 * the order in which they were set: O(log n) per timer.
 */
export interface VirtualClock {
  now(): number
  monotonicMs(): number
  after(delayMs: number, run: () => void): () => void
  every(periodMs: number, run: () => void): () => void
  /**
   * Moves to `targetMs` of the wall clock, running on the way every timer that falls due, also those set meanwhile.
   * Before each timer, and at the end, everything that was promised before gets its turn. A timer
   * that throws rejects the call and leaves the clock at that timer's time.
   */
  advanceTo(targetMs: number): Promise<void>
  /** Sets the wall clock by so much, as an administrator or NTP would; timers do not move. */
  setBy(stepMs: number): void
  /** When the next timer is due; null without one. */
  nextDueMs(): number | null
}

interface Timer {
  dueMs: number
  order: number
  readonly periodMs: number | null
  /** Null once cancelled. */
  run: (() => void) | null
}

/** So many timers at one instant are a timer that sets itself again without delay. */
const MAX_TIMERS_AT_ONE_INSTANT = 1_000_000

/** A macrotask: the whole queue of microtasks is empty when it comes. */
const settlePromises = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

const isBefore = (a: Timer, b: Timer): boolean =>
  a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order)

const push = (heap: Timer[], timer: Timer): void => {
  let at = heap.push(timer) - 1
  while (at > 0) {
    const parent = (at - 1) >> 1
    if (!isBefore(timer, heap[parent])) break
    heap[at] = heap[parent]
    at = parent
  }
  heap[at] = timer
}

/** Takes the first timer off a heap that has one. */
const pop = (heap: Timer[]): void => {
  const last = heap.pop()
  if (last === undefined || heap.length === 0) return
  let at = 0
  for (;;) {
    let child = 2 * at + 1
    if (child >= heap.length) break
    if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child++
    if (!isBefore(heap[child], last)) break
    heap[at] = heap[child]
    at = child
  }
  heap[at] = last
}

/** The first timer that has not been cancelled; drops cancelled ones on the way. */
const peek = (heap: Timer[]): Timer | null => {
  while (heap.length > 0 && heap[0].run === null) pop(heap)
  return heap[0] ?? null
}

/** `startMs`: the first instant, milliseconds UTC. */
export const createVirtualClock = (startMs: number): VirtualClock => {
  if (!Number.isFinite(startMs)) throw new RangeError(`start ${startMs} must be a finite time`)
  const heap: Timer[] = []
  /** Time of the timers; the wall clock is `setMs` ahead of it. */
  let nowMs = startMs
  let setMs = 0
  let created = 0
  let advancing = false

  const add = (delayMs: number, periodMs: number | null, run: () => void): (() => void) => {
    const timer: Timer = { dueMs: nowMs + delayMs, order: created++, periodMs, run }
    push(heap, timer)
    return () => {
      timer.run = null
    }
  }

  const fire = (timer: Timer): void => {
    pop(heap)
    nowMs = timer.dueMs
    const run = timer.run
    if (timer.periodMs === null) timer.run = null
    else {
      // Back in the heap before it runs, so that it may cancel itself.
      timer.dueMs += timer.periodMs
      timer.order = created++
      push(heap, timer)
    }
    run?.()
  }

  const advance = async (targetMs: number): Promise<void> => {
    let atOneInstant = 0
    for (;;) {
      await settlePromises()
      const timer = peek(heap)
      if (timer === null || timer.dueMs > targetMs) break
      atOneInstant = timer.dueMs === nowMs ? atOneInstant + 1 : 0
      if (atOneInstant > MAX_TIMERS_AT_ONE_INSTANT)
        throw new Error(`timers at ${nowMs} ms keep setting timers without delay`)
      fire(timer)
    }
    nowMs = targetMs
  }

  return {
    now: () => nowMs + setMs,
    monotonicMs: () => nowMs,
    after: (delayMs, run) => {
      if (Number.isNaN(delayMs)) throw new RangeError('delay NaN must be a number of milliseconds')
      return add(Math.max(0, delayMs), null, run)
    },
    every: (periodMs, run) => {
      if (!(periodMs > 0)) throw new RangeError(`period ${periodMs} must be above 0 milliseconds`)
      return add(periodMs, periodMs, run)
    },
    advanceTo: async (wallMs) => {
      if (advancing) throw new Error('the clock is already advancing: await the call before')
      const targetMs = wallMs - setMs
      if (!(targetMs >= nowMs)) throw new RangeError(`cannot go from ${nowMs} to ${targetMs}`)
      advancing = true
      try {
        await advance(targetMs)
      } finally {
        advancing = false
      }
    },
    setBy: (stepMs) => {
      setMs += stepMs
    },
    nextDueMs: () => {
      const timer = peek(heap)
      return timer && timer.dueMs + setMs
    },
  }
}

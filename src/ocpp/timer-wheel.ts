import type { Clock } from '../ports/clock.ts'

/** Something with one deadline at a time. The wheel keeps its books in the thing itself. */
export interface Timed {
  /** The tick of its deadline, 0 = none; written by the wheel. Start with 0. */
  dueTick: number
  /** Called once, when the time is over. */
  expire(): void
}

/**
 * A hashed timing wheel: one timer of the clock serves every time-out and ping of every connection.
 * Setting and cancelling are O(1); a deadline beyond one turn waits in its slot for its round.
 *
 * It counts ticks and never reads the time: a step of the system clock, or a stall of the event
 * loop, must not time out a whole fleet at once.
 */
export interface TimerWheel {
  /** Ticks since the start. */
  readonly tick: number
  /** Length of a tick, milliseconds. */
  readonly tickMs: number
  /** Expires `timed` after `delayMs`, up to one tick early; replaces the deadline it may have. */
  set(timed: Timed, delayMs: number): void
  cancel(timed: Timed): void
  stop(): void
}

export const createTimerWheel = (clock: Clock, tickMs = 100, slotCount = 600): TimerWheel => {
  const slots = Array.from({ length: slotCount }, () => new Set<Timed>())
  let tick = 0

  const cancel = (timed: Timed): void => {
    if (timed.dueTick > 0) slots[timed.dueTick % slotCount].delete(timed)
    timed.dueTick = 0
  }

  const turn = (): void => {
    tick++
    for (const timed of slots[tick % slotCount]) {
      if (timed.dueTick > tick) continue
      cancel(timed)
      timed.expire()
    }
  }

  const stop = clock.every(tickMs, turn)
  return {
    get tick() {
      return tick
    },
    tickMs,
    set: (timed, delayMs) => {
      cancel(timed)
      timed.dueTick = tick + Math.max(1, Math.ceil(delayMs / tickMs))
      slots[timed.dueTick % slotCount].add(timed)
    },
    cancel,
    stop,
  }
}

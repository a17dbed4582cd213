import { climb, startLadder, type Ladder, type Rung } from '../engine/ladder.ts'
import type { Clock } from '../ports/clock.ts'

const SECOND = 1_000
/** Monitored items are made anew after so long without a usable value, each time later. */
const REMAKES: readonly Rung<'remake'>[] = [60, 120, 300, 600, 1_800, 3_600].map((seconds) => ({
  action: 'remake',
  afterMs: seconds * SECOND,
}))

export interface ItemWatch {
  /** The items of a group begin, or begin again: none of them has a value yet. */
  begin(): void
  /** An item reported a value, usable or not. */
  heard(index: number, isUsable: boolean): void
  end(): void
}

/**
 * A server that restarted a device below it may leave the monitored items of before dead for ever:
 * bad, or silent, while new ones work. Asks for new items after growing waits, six times; a value
 * that is usable again begins anew.
 */
export const createItemWatch = (
  count: number,
  clock: Clock,
  remake: (attempt: number, unusable: readonly number[]) => void,
): ItemWatch => {
  const unusable = new Set<number>()
  let ladder: Ladder | null = null
  let cancel = (): void => {}

  const arm = (): void => {
    cancel()
    if (ladder === null || ladder.nextAtMs === Infinity) return
    cancel = clock.after(Math.max(0, ladder.nextAtMs - clock.now()), () => {
      if (ladder === null) return
      ladder = climb(REMAKES, ladder, clock.now())
      remake(ladder.step, [...unusable])
    })
  }

  return {
    begin: () => {
      for (let index = 0; index < count; index++) unusable.add(index)
      ladder ??= startLadder(REMAKES, clock.now())
      arm()
    },
    heard: (index, isUsable) => {
      if (!isUsable) {
        unusable.add(index)
        if (ladder !== null) return
        ladder = startLadder(REMAKES, clock.now())
        arm()
        return
      }
      unusable.delete(index)
      if (unusable.size > 0) return
      ladder = null
      cancel()
    },
    end: () => cancel(),
  }
}

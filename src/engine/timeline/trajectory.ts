/**
 * How one limit or target moves: a staircase, softened by the ramps that the event asks for, and
 * what remains after its end (recovery).
 *
 *   power                                      rating ________
 *   at start \                                       /
 *             \ down                             /  <- the lower of the up ramp and
 *              \_________        ____________/         the stagger line, under `maxW`
 *                        \______/            |          until the hold ends
 *              interval 1    2      3       end
 */
export interface Step {
  readonly startMs: number
  readonly endMs: number
  /** `null` = free. */
  readonly value: number | null
}

export interface Stretch {
  readonly startMs: number
  readonly endMs: number
  readonly fromValue: number
  readonly toValue: number
}

export interface Ramp {
  readonly downWPerMin: number | null
  readonly upWPerMin: number | null
}

/** No recovery lasts longer; what is left of a slower up ramp is released then. */
export const MAX_RECOVERY_MS = 24 * 3_600_000

const MS_PER_MIN = 60_000

interface Walk {
  readonly stretches: Stretch[]
  /** Where it ends; `null` = free. */
  readonly last: number | null
}

/** The staircase as it is: no ramps. O(steps). */
export const staircase = (steps: readonly Step[]): Walk => ({
  stretches: steps.flatMap(({ startMs, endMs, value }) =>
    value === null ? [] : [{ startMs, endMs, fromValue: value, toValue: value }],
  ),
  last: steps.at(-1)?.value ?? null,
})

/**
 * The staircase with slopes no steeper than the ramp. Gaps between steps and free steps count as
 * `freeValue`: what the limit is when there is none, so a release is as gentle as any other rise.
 * Power in watts. O(steps).
 *
 * @param fromValue where it starts, as a rule the power at that time
 */
export const softened = (
  steps: readonly Step[],
  ramp: Ramp,
  fromValue: number,
  freeValue: number,
): Walk => {
  const stretches: Stretch[] = []
  let value = fromValue

  const move = (startMs: number, endMs: number, goal: number, free: boolean): void => {
    const perMin = goal < value ? ramp.downWPerMin : ramp.upWPerMin
    let atMs = startMs
    if (goal !== value && perMin !== null) {
      const reachMs = startMs + Math.ceil((Math.abs(goal - value) / perMin) * MS_PER_MIN)
      const untilMs = Math.min(reachMs, endMs)
      const reached =
        reachMs <= endMs
          ? goal
          : value + (goal - value) * ((untilMs - startMs) / (reachMs - startMs))
      if (untilMs > startMs) {
        stretches.push({ startMs, endMs: untilMs, fromValue: value, toValue: reached })
      }
      value = reached
      atMs = untilMs
    } else {
      value = goal
    }
    if (atMs < endMs && !free) {
      stretches.push({ startMs: atMs, endMs, fromValue: goal, toValue: goal })
    }
  }

  for (const [i, step] of steps.entries()) {
    const before = steps[i - 1]
    if (before && before.endMs < step.startMs) {
      move(before.endMs, step.startMs, freeValue, true)
    }
    move(step.startMs, step.endMs, step.value ?? freeValue, step.value === null)
  }
  return { stretches, last: value >= freeValue ? null : value }
}

export interface Recovery {
  readonly holdMs: number
  readonly maxW: number | null
  readonly staggerMs: number
}

/**
 * The limits after the end, each one a stretch (the lowest counts): the up ramp, the stagger (the
 * fleet's power returns along a line over `staggerMs`; who comes first is the allocator's order,
 * urgent sessions first), and the hold at `maxW`. Watts.
 *
 * @param last the limit at the end; `null` = there was none, so nothing has to return
 */
export const recoveryOf = (
  endMs: number,
  last: number | null,
  freeValue: number,
  ramp: Ramp | null,
  recovery: Recovery | null,
): Stretch[] => {
  const stretches: Stretch[] = []
  const rise = (durationMs: number): void => {
    if (last === null || last >= freeValue || !(durationMs > 0)) return
    const shownMs = Math.min(durationMs, MAX_RECOVERY_MS)
    stretches.push({
      startMs: endMs,
      endMs: endMs + shownMs,
      fromValue: last,
      toValue: last + (freeValue - last) * (shownMs / durationMs),
    })
  }
  const up = ramp?.upWPerMin ?? null
  if (up !== null && last !== null) rise(Math.ceil(((freeValue - last) / up) * MS_PER_MIN))
  if (recovery) {
    rise(recovery.staggerMs)
    if (recovery.maxW !== null && recovery.holdMs > 0) {
      const value = recovery.maxW
      stretches.push({
        startMs: endMs,
        endMs: endMs + recovery.holdMs,
        fromValue: value,
        toValue: value,
      })
    }
  }
  return stretches
}

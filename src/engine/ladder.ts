/**
 * An escalation with an end: a fault that does not go away by itself is met with one action after
 * the other, each after a wait of its own. Pure: state in, state out.
 */
export interface Ladder {
  /** Actions that were carried out. */
  readonly step: number
  readonly sinceMs: number
  /** When the next action is due; `Infinity` = none is left. */
  readonly nextAtMs: number
}

/** One action, and how long after the one before it (or after the fault) it is due. */
export interface Rung<Action> {
  readonly action: Action
  readonly afterMs: number
}

export const startLadder = (rungs: readonly Rung<unknown>[], nowMs: number): Ladder => ({
  step: 0,
  sinceMs: nowMs,
  nextAtMs: dueAt(rungs, 0, nowMs),
})

/** The action that is due now; `null` = none is. */
export const dueAction = <Action>(
  rungs: readonly Rung<Action>[],
  ladder: Ladder,
  nowMs: number,
): Action | null =>
  nowMs >= ladder.nextAtMs && ladder.step < rungs.length ? rungs[ladder.step].action : null

/** An action was carried out. */
export const climb = (rungs: readonly Rung<unknown>[], ladder: Ladder, nowMs: number): Ladder => ({
  ...ladder,
  step: ladder.step + 1,
  nextAtMs: dueAt(rungs, ladder.step + 1, nowMs),
})

export const isAtEnd = (rungs: readonly Rung<unknown>[], ladder: Ladder): boolean =>
  ladder.step >= rungs.length

const dueAt = (rungs: readonly Rung<unknown>[], step: number, nowMs: number): number =>
  step < rungs.length ? nowMs + rungs[step].afterMs : Infinity

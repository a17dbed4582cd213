import { kilowatts, type Times } from '../text.ts'

/** A step of an event's life, by whichever way it was told. */
export interface Step {
  readonly modification: number
  /** `received`, `accepted`, `opted-out`, ... */
  readonly state: string
  readonly at: string
  readonly code: string | null
  readonly reason: string | null
  /** Power per interval that will not be exceeded, watts. */
  readonly committedW: readonly number[] | null
}

const REFUSALS: readonly string[] = ['rejected', 'expired', 'opted-out', 'aborted']
const FINAL: readonly string[] = [...REFUSALS, 'completed', 'superseded', 'cancelled']

/** Whether somebody does what was asked for. */
export const isFollowed = (steps: readonly Step[]): boolean => {
  const last = steps.at(-1)
  return last !== undefined && !REFUSALS.includes(last.state)
}

/** When the event starts and when it ends, or stops because it was cancelled. */
export interface Span {
  readonly startMs: number
  readonly endMs: number
}

/** Whether anything more can be expected before the deadline. */
export const isSettled = (
  steps: readonly Step[],
  { startMs, endMs }: Span,
  deadlineMs: number,
): boolean => {
  const last = steps.at(-1)
  if (!last) return false
  if (FINAL.includes(last.state)) return true
  const endsLater = endMs > deadlineMs
  return last.state === 'started' ? endsLater : isAgreed(last) && endsLater && startMs > deadlineMs
}

const isAgreed = ({ state }: Step): boolean => state === 'accepted' || state === 'partial'

/** `14:05:09  partial: commits to 25.0 kW (infeasible: ...)`. */
export const stepText = (step: Step, times: Times): string => {
  const { state, at, code, reason, committedW } = step
  const because = [code, reason].filter((part) => part !== null).join(': ')
  const promise =
    committedW === null || committedW.length === 0
      ? ''
      : `: commits to ${committedW.map(kilowatts).join(', ')}`
  return `${times.second(at)}  ${state}${promise}${because === '' ? '' : ` (${because})`}`
}

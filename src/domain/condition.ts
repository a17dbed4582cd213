/** Everything that can need attention, in alphabetical order: the label of a metric. */
export const CONDITION_KINDS = [
  'clock-stepped',
  'database-new',
  'disk-full',
  'event-not-stored',
  'events-not-stored',
  'meter-contradicted',
  'meter-missing',
  'meter-stale',
  'meter-suspect',
  'node-over-limit',
  'start-by-hand',
  'station-answers-nothing',
  'station-clock-wrong',
  'station-disobeys',
  'station-meter-suspect',
  'station-not-steerable',
  'station-silent',
  'station-without-samples',
  'storage-failing',
] as const

export type ConditionKind = (typeof CONDITION_KINDS)[number]

/** `alarm`: safety or records are at risk now. `warning`: something is not as it should be. */
export const CONDITION_SEVERITIES = ['alarm', 'warning'] as const
export type ConditionSeverity = (typeof CONDITION_SEVERITIES)[number]

/** A state of the installation that a person should know of and can end. */
export interface Condition {
  readonly kind: ConditionKind
  readonly severity: ConditionSeverity
  /** What is wrong: one sentence without a period at its end. */
  readonly what: string
  /** Station, EVSE, node, meter or file, as its resource in the API is called. */
  readonly where: string
  /** What to do about it: one sentence without a period at its end. */
  readonly remedy: string
}

/** A condition that holds now. */
export interface ActiveCondition extends Condition {
  readonly key: string
  readonly sinceMs: number
}

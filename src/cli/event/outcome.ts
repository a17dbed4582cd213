import type { Step } from './steps.ts'

/** What became of an event that was sent or cancelled. */
export interface Outcome {
  /** As it was said: the document of the profile, or the resource of the API. */
  readonly event: object
  readonly steps: readonly Step[]
}

export type ChangeKind =
  | 'site'
  | 'station'
  | 'evse'
  | 'session'
  | 'transaction'
  | 'event'
  | 'grant'
  | 'plan'
  | 'price'
  | 'reading'
  | 'audit'
  | 'condition'

/** Something that a viewer may want to know at once. */
export interface Change {
  readonly kind: ChangeKind
  /** Identity of the thing that changed, as its resource in the API has it. */
  readonly id: string
  readonly atMs: number
  readonly data: unknown
}

/** Carries changes between the parts of one installation (in process, or between nodes). */
export interface Fabric {
  publish(change: Change): void
  /** Returns the cancellation. A handler that throws is logged, never felt by the publisher. */
  subscribe(handler: (change: Change) => void): () => void
}

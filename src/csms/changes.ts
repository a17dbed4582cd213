import type { Clock } from '../ports/clock.ts'
import type { ChangeKind, Fabric } from '../ports/fabric.ts'

/** Tells viewers that something changed; `data` is live, as the resource in the API shows it. */
export type Publish = (kind: ChangeKind, id: string, data: unknown) => void

export const createPublish =
  (fabric: Fabric, clock: Clock): Publish =>
  (kind, id, data) =>
    fabric.publish({ kind, id, atMs: clock.now(), data })

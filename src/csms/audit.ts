import type { Clock } from '../ports/clock.ts'
import type { StoredRecord } from '../ports/storage.ts'
import type { Publish } from './changes.ts'
import type { Journal } from './journal.ts'

/** Who did what to what; `by` names an operator, an API token or a station. */
export interface AuditEntry {
  readonly by: string
  readonly action: string
  readonly target: string
  readonly detail?: unknown
}

export interface Audit {
  /** The record, for a commit that holds the change itself. Publishes it at once. */
  entry(entry: AuditEntry): StoredRecord
  /** For what a station reports: nobody waits for it. */
  note(entry: AuditEntry): void
}

export const createAudit = (clock: Clock, publish: Publish, journal: Journal): Audit => {
  const entry = ({ by, action, target, detail = null }: AuditEntry): StoredRecord => {
    const row = { atMs: clock.now(), actor: by, action, target, detail }
    publish('audit', target, row)
    return { table: 'audit', row }
  }
  return { entry, note: (given) => journal.note([entry(given)]) }
}

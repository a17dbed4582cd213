import type { Log } from '../ports/log.ts'
import { isUnstorable, type Storage, type StoredRecord } from '../ports/storage.ts'
import { TABLES } from '../ports/tables.ts'

/**
 * Two ways to write a row. Rows with a key never go through `storage.append`: it may be overtaken by
 * a commit, and an old row would then replace a newer one.
 *
 * Memory is the truth, and what failed to be written is caught up: after the next success, rows that
 * were not replaced meanwhile are written again, each alone, so that a row which cannot be written
 * spoils nothing else. A row is given up at once when it can never be written, and otherwise after a
 * few attempts.
 */
export interface Journal {
  /** Resolves when the rows would survive a power cut: what a station is told must wait for it. */
  commit(records: readonly StoredRecord[]): Promise<void>
  /** The same, for what nobody waits for: a failure is logged and counted. */
  note(records: readonly StoredRecord[]): void
  /** Rows of append-only tables that may be lost in a power cut. */
  append(record: StoredRecord): void
  /** Failed `note`s since the start. */
  failures(): number
  /** Resolves when every `note` so far has been written or has failed. */
  settled(): Promise<void>
}

/** Rows that wait to be caught up; beyond it the oldest are given up. */
const MAX_UNWRITTEN = 50_000
const MAX_ATTEMPTS = 5

interface Unwritten {
  readonly record: StoredRecord
  readonly attempts: number
}

/** What identifies a row; `null` for a table that only grows. */
const keyOf = ({ table, row }: StoredRecord): string | null => {
  const { key } = TABLES[table]
  if (key.length === 0) return null
  const columns: Readonly<Record<string, unknown>> = row
  return key.reduce((text, column) => `${text}\0${String(columns[column])}`, table as string)
}

export const createJournal = (storage: Storage, log: Log): Journal => {
  let failures = 0
  const open = new Set<Promise<void>>()
  const unwritten = new Map<string, Unwritten>()

  const keep = (records: readonly StoredRecord[], attempts: number): void => {
    for (const record of records) {
      const key = keyOf(record)
      if (key === null) continue
      unwritten.set(key, { record, attempts })
    }
    const excess = unwritten.size - MAX_UNWRITTEN
    if (excess > 0) log.error({ excess }, 'rows that could not be written were given up')
    for (const key of unwritten.keys()) {
      if (unwritten.size <= MAX_UNWRITTEN) break
      unwritten.delete(key)
    }
  }

  const write = async (records: readonly StoredRecord[]): Promise<void> => {
    if (records.length === 0) return
    if (unwritten.size > 0) {
      for (const record of records) unwritten.delete(keyOf(record) ?? '')
    }
    try {
      await storage.commit(records)
    } catch (error) {
      keep(records, 1)
      throw error
    }
    if (unwritten.size > 0) track(catchUp())
  }

  const catchUp = async (): Promise<void> => {
    const waiting = [...unwritten.values()]
    unwritten.clear()
    await Promise.all(waiting.map(writeAgain))
  }

  /** Each row in a commit of its own (which the storage groups): a bad one spoils no other. */
  const writeAgain = async ({ record, attempts }: Unwritten): Promise<void> => {
    try {
      await storage.commit([record])
    } catch (err) {
      // A newer row of the same key may have failed since.
      const key = keyOf(record)
      if (key !== null && unwritten.has(key)) return
      if (attempts < MAX_ATTEMPTS && !isUnstorable(err)) keep([record], attempts + 1)
      else log.error({ err, table: record.table }, 'a row could not be written and was given up')
    }
  }

  const track = (writing: Promise<void>): void => {
    const tracked: Promise<void> = writing.finally(() => open.delete(tracked))
    open.add(tracked)
  }

  return {
    commit: write,
    note: (records) =>
      track(
        write(records).catch((err: unknown) => {
          failures++
          log.error({ err, table: records[0]?.table, failures }, 'a change could not be stored')
        }),
      ),
    append: (record) => storage.append(record),
    failures: () => failures,
    settled: async () => {
      while (open.size > 0) await Promise.all(open)
    },
  }
}

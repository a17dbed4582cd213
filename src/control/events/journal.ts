import { AppError } from '../../errors.ts'
import type { Log } from '../../ports/log.ts'
import { isUnstorable, type Storage, type StoredRecord } from '../../ports/storage.ts'

/**
 * Writes first, tells later, in order: what is told (an acknowledgement, a change for viewers)
 * follows a commit that holds its cause. Entries that arrive during a commit share the next one.
 * While the storage fails they wait; nothing is told and nothing is lost but by a restart. An entry
 * that can never be written is set aside, alone: it never holds up what stands behind it.
 */
export interface Journal {
  /** Resolves when it is written; rejects when that attempt failed (see `Journal`). */
  add(entry: JournalEntry): Promise<void>
  /** Tries again after a failure. Cheap when there is nothing to do. */
  retry(): void
  /** Resolves when nothing waits, or when the storage has failed. */
  settle(): Promise<void>
  health(): JournalHealth
}

export interface JournalEntry {
  /** The event that it is about. */
  readonly key: string
  readonly records: readonly StoredRecord[]
  readonly tell: () => void
}

export interface JournalHealth {
  /** Entries that wait because the last attempt failed; 0 = all is well. */
  readonly stuck: number
  /** Events of which something could not be stored, with the latest reason; the last 100. */
  readonly setAside: ReadonlyMap<string, string>
}

interface Waiting extends JournalEntry {
  resolve(): void
  reject(error: unknown): void
}

/** Entries that may wait for a broken storage; beyond it the oldest are given up, untold. */
const MAX_WAITING = 10_000
const MAX_SET_ASIDE = 100

export const createJournal = (storage: Storage, log: Log): Journal => {
  let waiting: Waiting[] = []
  let busy = false
  let failed = false
  let writing: Promise<void> = Promise.resolve()
  const setAside = new Map<string, string>()

  const written = (entry: Waiting): void => {
    try {
      entry.tell()
    } catch (err) {
      log.error({ err }, 'telling about an event failed')
    }
    entry.resolve()
  }

  const putAside = (entry: Waiting, err: unknown): void => {
    log.error({ err, eventId: entry.key }, 'a step of an event cannot be stored and is set aside')
    setAside.delete(entry.key)
    setAside.set(entry.key, err instanceof Error ? err.message : String(err))
    const [oldest] = setAside.keys()
    if (setAside.size > MAX_SET_ASIDE) setAside.delete(oldest)
    entry.reject(err)
  }

  /** Writes entries together; when one of them is bad, each alone. Throws when the storage fails. */
  const writeAll = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const records = batch.flatMap((entry) => entry.records)
      if (records.length > 0) await storage.commit(records)
    } catch (err) {
      if (!isUnstorable(err)) {
        waiting = [...batch, ...waiting]
        for (const entry of batch) entry.reject(err)
        throw err
      }
      if (batch.length === 1) return putAside(batch[0], err)
      for (const [index, entry] of batch.entries()) {
        try {
          await writeAll([entry])
        } catch (error) {
          const rest = batch.slice(index + 1)
          waiting.splice(1, 0, ...rest)
          for (const other of rest) other.reject(error)
          throw error
        }
      }
      return
    }
    batch.forEach(written)
  }

  const write = async (): Promise<void> => {
    try {
      while (waiting.length > 0) {
        const batch = waiting
        waiting = []
        await writeAll(batch)
        failed = false
      }
    } catch (err) {
      // Once per outage; the condition tells that it lasts.
      if (!failed)
        log.error({ err, waiting: waiting.length }, 'events cannot be stored, trying again')
      failed = true
    }
    // In the same breath as the last look at `waiting`, so that no entry is left behind.
    busy = false
  }

  const start = (): void => {
    if (busy) return
    busy = true
    writing = write()
  }

  return {
    add(entry) {
      return new Promise((resolve, reject) => {
        waiting.push({ ...entry, resolve, reject })
        if (waiting.length > MAX_WAITING) {
          log.error(
            { maxWaiting: MAX_WAITING },
            'too many events wait for the storage, one is lost',
          )
          const reason = 'the storage has been failing for too long: check its disk and its log'
          waiting.shift()!.reject(new AppError('storage-overloaded', reason))
        }
        start()
      })
    },
    retry() {
      if (waiting.length > 0) start()
    },
    settle: () => writing,
    health: () => ({ stuck: failed ? waiting.length : 0, setAside }),
  }
}

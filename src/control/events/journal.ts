import { AppError } from '../../errors.ts'
import type { Log } from '../../ports/log.ts'
import type { Storage, StoredRecord } from '../../ports/storage.ts'

/**
 * Writes first, tells later, in order: what is told (an acknowledgement, a change for viewers)
 * follows a commit that holds its cause. Entries that arrive during a commit share the next one.
 * While the storage fails they wait; nothing is told and nothing is lost but by a restart.
 */
export interface Journal {
  /** Resolves when it is written; rejects when that attempt failed (it is still tried again). */
  add(records: readonly StoredRecord[], tell: () => void): Promise<void>
  /** Tries again after a failure. Cheap when there is nothing to do. */
  retry(): void
  /** Resolves when nothing waits, or when the storage has failed. */
  settle(): Promise<void>
}

interface Entry {
  readonly records: readonly StoredRecord[]
  readonly tell: () => void
  resolve(): void
  reject(error: unknown): void
}

/** Entries that may wait for a broken storage; beyond it the oldest are given up, untold. */
const MAX_WAITING = 10_000

export const createJournal = (storage: Storage, log: Log): Journal => {
  let waiting: Entry[] = []
  let busy = false
  let writing: Promise<void> = Promise.resolve()

  const tell = (entry: Entry): void => {
    try {
      entry.tell()
    } catch (err) {
      log.error({ err }, 'telling about an event failed')
    }
  }

  const write = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting
      waiting = []
      try {
        const records = batch.flatMap((entry) => entry.records)
        if (records.length > 0) await storage.commit(records)
      } catch (err) {
        log.error({ err, waiting: batch.length }, 'events could not be stored, trying again')
        waiting = [...batch, ...waiting]
        for (const entry of batch) entry.reject(err)
        break
      }
      for (const entry of batch) {
        tell(entry)
        entry.resolve()
      }
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
    add(records, tellOf) {
      return new Promise((resolve, reject) => {
        waiting.push({ records, tell: tellOf, resolve, reject })
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
  }
}

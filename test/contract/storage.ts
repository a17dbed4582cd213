import { afterEach, beforeEach, describe } from 'vitest'
import type { Log } from '../../src/ports/log.ts'
import type { Storage } from '../../src/ports/storage.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { storagePruningContract } from './storage-pruning.ts'
import { storageQueriesContract } from './storage-queries.ts'
import { storageRowsContract } from './storage-rows.ts'
import type { StorageSubject } from './storage-subject.ts'
import { storageWritesContract } from './storage-writes.ts'

/** What every storage must do, whatever it is made of. */
export const storageContract = (name: string, open: (log: Log) => Promise<Storage>): void => {
  describe(`storage contract: ${name}`, () => {
    const subject = {} as StorageSubject

    beforeEach(async () => {
      const { log, entries } = recordingLog()
      subject.entries = entries
      subject.storage = await open(log)
    })
    afterEach(() => subject.storage.stop())

    storageRowsContract(subject)
    storageWritesContract(subject)
    storageQueriesContract(subject)
    storagePruningContract(subject)
  })
}

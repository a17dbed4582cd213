import { join } from 'node:path'
import { systemClock } from '../../src/fabric/system-clock.ts'
import { openSqliteStorage } from '../../src/storage/sqlite/storage.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { storageContract } from './storage.ts'

const folder = temporaryFolder()
let opened = 0

storageContract('SQLite', (log) =>
  openSqliteStorage({ path: join(folder, `${opened++}.db`), clock: systemClock, log }),
)

import { userInfo } from 'node:os'
import { presentApiToken } from '../../api/resources/token.ts'
import { createApiTokens, type NewApiToken } from '../../api/tokens.ts'
import { createLog } from '../../app/log.ts'
import { loadConfig } from '../../config/load.ts'
import type { Environment } from '../../config/secrets.ts'
import { storagePathOf } from '../../config/storage-path.ts'
import { createAudit } from '../../csms/audit.ts'
import { createPublish } from '../../csms/changes.ts'
import { createJournal } from '../../csms/journal.ts'
import { createLocalFabric } from '../../fabric/local.ts'
import { systemClock as clock } from '../../fabric/system-clock.ts'
import { openSqliteStorage } from '../../storage/sqlite/storage.ts'
import { Failure } from '../failure.ts'
import type { NewToken } from '../token.ts'

/**
 * Makes a token in the database of a configuration whose program does not run: who can write the
 * file needs no token. In the audit trail it stands under the name of the system's user.
 *
 * @throws AppError `config-invalid`, `storage-failed` (in use, not writable), `payload-invalid`;
 *   Failure `conflict` for a configuration that keeps nothing
 */
export const createLocally = async (
  configFile: string,
  wanted: NewApiToken,
  env: Environment,
): Promise<{ readonly made: NewToken; readonly timeZone: string }> => {
  const loaded = loadConfig(configFile, env)
  const path = storagePathOf(loaded)
  if (path === null) {
    throw new Failure('conflict', `${configFile} keeps nothing (storage.path is :memory:)`)
  }
  const log = createLog('error')
  const storage = await openSqliteStorage({ path, clock, log })
  try {
    const publish = createPublish(createLocalFabric({ log }), clock)
    const audit = createAudit(clock, publish, createJournal(storage, log))
    const tokens = createApiTokens({ storage, clock, audit })
    await tokens.load()
    const { token, secret } = await tokens.create(wanted, `cli:${userInfo().username}`)
    return { made: { ...presentApiToken(token), secret }, timeZone: loaded.site.timeZone }
  } finally {
    await storage.stop()
  }
}

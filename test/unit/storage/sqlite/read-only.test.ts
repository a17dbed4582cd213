import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { systemClock } from '../../../../src/fabric/system-clock.ts'
import { MIGRATIONS } from '../../../../src/storage/migrations/index.ts'
import { migrate } from '../../../../src/storage/sqlite/migrate.ts'
import { openStoredFile } from '../../../../src/storage/sqlite/read-only.ts'
import { openSqliteStorage } from '../../../../src/storage/sqlite/storage.ts'
import { actionsIn, audit } from '../../../contract/records.ts'
import { recordingLog } from '../../../fixtures/recording-log.ts'
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts'

const folder = temporaryFolder()

const open = (path: string) =>
  openSqliteStorage({ path, clock: systemClock, log: recordingLog().log })

test('what is committed is seen while another process writes, and afterwards', async () => {
  const path = join(folder, 'site.db')
  const storage = await open(path)
  await storage.commit([audit('first')])
  const file = openStoredFile(path)
  expect(await actionsIn(file)).toEqual(['first'])
  await storage.commit([audit('second')])
  expect(await actionsIn(file)).toEqual(['first', 'second'])
  expect(await file.count('audit')).toBe(2)
  await storage.stop()
  expect(await file.count('audit')).toBe(2)
  await file.stop()
  const again = openStoredFile(path)
  expect(await again.count('audit')).toBe(2)
  await again.stop()
  await (await open(path)).stop()
})

const faultOf = (path: string): unknown => {
  try {
    return openStoredFile(path)
  } catch (error) {
    return error
  }
}

test('a file that is not there is not made', () => {
  const path = join(folder, 'nowhere.db')
  const fault = { code: 'storage-failed', message: expect.stringContaining(path) as string }
  expect(faultOf(path)).toMatchObject(fault)
  expect(faultOf(path)).toMatchObject(fault)
})

test('the file of an older Busbar is left alone, with the remedy', () => {
  const path = join(folder, 'old.db')
  const db = new DatabaseSync(path)
  migrate(db, MIGRATIONS.slice(0, 1), 1)
  db.close()
  const known = MIGRATIONS.length
  expect(faultOf(path)).toMatchObject({
    code: 'storage-failed',
    message:
      `database ${path}: it has version 1 and this Busbar needs ${known}: start Busbar on it ` +
      'once, which brings it up to date',
  })
})

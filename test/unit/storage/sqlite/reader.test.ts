import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../../../src/fabric/system-clock.ts'
import { filterOf } from '../../../../src/storage/filter.ts'
import { createReader } from '../../../../src/storage/sqlite/reader.ts'
import { openSqliteStorage, type SqliteStorage } from '../../../../src/storage/sqlite/storage.ts'
import { message } from '../../../contract/records.ts'
import { recordingLog } from '../../../fixtures/recording-log.ts'
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts'

const path = join(temporaryFolder(), 'reader.db')
let storage: SqliteStorage

beforeAll(async () => {
  storage = await openSqliteStorage({ path, clock: systemClock, log: recordingLog().log })
  // More packs than are looked through in one go.
  for (let n = 0; n < 120; n++) await storage.commit([message({ atMs: n, text: `${n}` })])
})
afterAll(() => storage.stop())

const search = { rowsOf: filterOf('message', { where: { action: 'none' } }) }

test('a search through many packs is answered, found or not', async () => {
  expect(await storage.query('message', { where: { action: 'none' } })).toEqual([])
  expect(await storage.count('message', { where: { action: 'Heartbeat' } })).toBe(120)
  expect(await storage.query('message', { where: { text: '77' } })).toMatchObject([{ atMs: 77 }])
})

test('a search that takes too long is ended, and the next is answered', async () => {
  const reader = createReader(path, 10, 0)
  await expect(reader.read(search, () => {})).rejects.toMatchObject({
    code: 'query-too-wide',
    message: expect.stringContaining('ask for one station') as string,
  })
  const found: unknown[] = []
  const first = { rowsOf: filterOf('message', { limit: 1 }) }
  await reader.read(first, (cells) => found.push(...cells))
  expect(found[0]).toBe(1)
  await reader.close(1_000)
})

import { mkdirSync, symlinkSync } from 'node:fs'
import { join, relative } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, test } from 'vitest'
import { systemClock } from '../../../../src/fabric/system-clock.ts'
import {
  openSqliteStorage,
  type SqliteBounds,
  type SqliteStorage,
} from '../../../../src/storage/sqlite/storage.ts'
import { actionsIn, audit, sample, session } from '../../../contract/records.ts'
import { recordingLog } from '../../../fixtures/recording-log.ts'
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts'

const folder = temporaryFolder()

const open = (path: string, bounds?: Partial<SqliteBounds>): Promise<SqliteStorage> =>
  openSqliteStorage({ path, clock: systemClock, log: recordingLog().log, bounds })

describe('opening', () => {
  test.each(['', ':memory:', 'file:site.db?mode=memory'])('"%s" is no path', async (path) => {
    await expect(open(path)).rejects.toMatchObject({
      code: 'config-invalid',
      message: `storage.path "${path}" must be the path of a file, such as ./data/busbar.db`,
    })
  })

  test('one file is opened once, whatever it is called', async () => {
    const path = join(folder, 'one.db')
    const storage = await open(path)
    const link = join(folder, 'link.db')
    symlinkSync(path, link)
    for (const name of [path, relative(process.cwd(), path), link])
      await expect(open(name)).rejects.toMatchObject({
        code: 'storage-failed',
        message: expect.stringContaining('another process is using the database') as string,
      })
    await storage.stop()
    await (await open(link)).stop()
  })

  test('a file that cannot be used is told by name', async () => {
    const path = join(folder, 'a-folder')
    mkdirSync(path)
    await expect(open(path)).rejects.toMatchObject({
      code: 'storage-failed',
      message: expect.stringContaining(`database ${path}: EISDIR`) as string,
    })
  })
})

describe('closing', () => {
  test('what was appended and what was not awaited is there afterwards', async () => {
    const path = join(folder, 'reopened.db')
    const first = await open(path)
    const unawaited = first.commit([session({ energyWh: 5 })])
    first.append(audit('appended'))
    await first.stop()
    await unawaited
    const second = await open(path)
    expect(await actionsIn(second)).toEqual(['appended'])
    expect(await second.query('session')).toMatchObject([{ rowId: 1, energyWh: 5 }])
    await second.stop()
  })

  test('it leaves one complete file, without a log beside it', async () => {
    const path = join(folder, 'complete.db')
    const storage = await open(path)
    await storage.commit([audit('a')])
    await storage.count('audit')
    await storage.stop()
    const db = new DatabaseSync(`file:${path}?immutable=1`, { readOnly: true })
    expect(db.prepare('SELECT action FROM audit').all()).toEqual([{ action: 'a' }])
    db.close()
  })

  test('queries are refused afterwards', async () => {
    const storage = await open(join(folder, 'closed.db'))
    await storage.stop()
    await expect(storage.query('audit')).rejects.toMatchObject({ code: 'storage-failed' })
    await expect(storage.prune('sample', 1)).rejects.toMatchObject({ code: 'storage-failed' })
  })
})

describe('bounds', () => {
  test('too many waiting queries are refused, and the others answered', async () => {
    const storage = await open(join(folder, 'queries.db'), { waitingQueries: 2 })
    const results = await Promise.allSettled([1, 2, 3].map(() => storage.count('audit')))
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(results[2]).toMatchObject({ reason: { code: 'storage-overloaded' } })
    expect(await storage.count('audit')).toBe(0)
    expect(storage.stats().waitingQueries).toBe(0)
    await storage.stop()
  })

  test('too many waiting writes are refused, and the others written', async () => {
    const storage = await open(join(folder, 'writes.db'), { waitingRecords: 100 })
    const results = await Promise.allSettled(
      Array.from({ length: 150 }, (_, i) => storage.commit([audit(`${i}`)])),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(100)
    expect(await storage.count('audit')).toBe(100)
    expect(storage.stats()).toMatchObject({ refusedCommits: 50, waitingRecords: 0 })
    await storage.stop()
  })
})

describe('side by side', () => {
  test('commits go on while a long answer is read and rows are pruned', async () => {
    const storage = await open(join(folder, 'busy.db'))
    const rows = Array.from({ length: 20_000 }, () => sample({ receivedAtMs: 1 }))
    await storage.commit(rows)
    const answer = storage.query('sample')
    const pruned = storage.prune('sample', 2)
    for (let i = 0; i < 20; i++) await storage.commit([audit(`${i}`)])
    // The answer shows one instant; pruning may have begun before it.
    const found = (await answer).map(({ rowId }) => rowId)
    expect(found.at(-1)).toBe(20_000)
    expect(found).toEqual(found.map((_, i) => found[0] + i))
    expect(await pruned).toBe(20_000)
    expect(await storage.count('sample')).toBe(0)
    expect(await storage.count('audit')).toBe(20)
    await storage.stop()
  })
})

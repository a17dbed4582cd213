import { describe, expect, test } from 'vitest'
import type { StoredRecord } from '../../src/ports/storage.ts'
import { TABLES } from '../../src/ports/tables.ts'
import { exampleRow, sample } from './records.ts'
import type { StorageSubject } from './storage-subject.ts'

/** Which rows retention takes, and that it takes no others. */
export const storagePruningContract = (subject: StorageSubject): void => {
  describe('pruning', () => {
    test('each table goes by the time when its rows were received or made', async () => {
      const prunable = [
        ['sample', 'receivedAtMs'],
        ['reading', 'receivedAtMs'],
        ['grant', 'atMs'],
        ['message', 'atMs'],
        ['plan', 'createdAtMs'],
      ] as const
      for (const [table, column] of prunable) {
        const record = (atMs: number | null): StoredRecord => {
          const row = { ...exampleRow(TABLES[table]), [column]: atMs }
          return { table, row } as unknown as StoredRecord
        }
        const isPacked = 'packed' in TABLES[table]
        // Who has no time stays for ever.
        const timeless = isPacked ? [] : [null]
        await subject.storage.commit([99, 100, ...timeless, 50, 101].map(record))
        expect(await subject.storage.prune(table, 100), table).toBe(2)
        const rows: object[] = await subject.storage.query(table)
        expect(rows, table).toMatchObject(
          [100, ...timeless, 101].map((atMs) => ({ [column]: atMs })),
        )
        expect(rows, table).toHaveLength(isPacked ? 2 : 3)
        expect(await subject.storage.prune(table, 100), table).toBe(0)
      }
    })

    test('numbers are not given twice, even when all rows are gone', async () => {
      await subject.storage.commit([sample(), sample()])
      expect(await subject.storage.prune('sample', Number.MAX_SAFE_INTEGER)).toBe(2)
      await subject.storage.commit([sample()])
      expect((await subject.storage.query('sample')).map(({ rowId }) => rowId)).toEqual([3])
    })

    test('a key that was pruned can be used again', async () => {
      const forecast = (actual: number): StoredRecord => ({
        table: 'forecast',
        row: { ...exampleRow(TABLES.forecast), madeAtMs: 1, actual } as never,
      })
      await subject.storage.commit([forecast(1)])
      expect(await subject.storage.prune('forecast', 2)).toBe(1)
      await subject.storage.commit([forecast(3)])
      await subject.storage.commit([forecast(4)])
      expect((await subject.storage.query('forecast')).map(({ actual }) => actual)).toEqual([4])
    })

    test('many rows go, and commits meanwhile are kept', async () => {
      await subject.storage.commit(Array.from({ length: 3_000 }, () => sample({ receivedAtMs: 1 })))
      const pruned = subject.storage.prune('sample', 2)
      for (let i = 0; i < 20; i++) await subject.storage.commit([sample({ receivedAtMs: 3 })])
      expect(await pruned).toBe(3_000)
      expect(await subject.storage.count('sample')).toBe(20)
    })
  })
}

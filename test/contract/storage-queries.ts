import { beforeEach, describe, expect, test } from 'vitest'
import { sample, sampleRow, session } from './records.ts'
import { faultOf, type StorageSubject } from './storage-subject.ts'

/** Which rows a query finds, and in which order. */
export const storageQueriesContract = (subject: StorageSubject): void => {
  describe('queries', () => {
    const times = async (
      query: Parameters<typeof subject.storage.query<'sample'>>[1],
    ): Promise<unknown[]> =>
      (await subject.storage.query('sample', query)).map(({ measuredAtMs }) => measuredAtMs)

    beforeEach(() =>
      subject.storage.commit([
        sample({ stationId: 'a', measuredAtMs: 30, transactionId: 'x' }),
        sample({ stationId: 'b', measuredAtMs: 10, transactionId: null }),
        sample({ stationId: 'a', measuredAtMs: 20, transactionId: 'y' }),
        sample({ stationId: 'a', measuredAtMs: null, transactionId: 'y' }),
        sample({ stationId: 'a', measuredAtMs: 10, transactionId: null }),
      ]),
    )

    test('without a question, all rows in the order of their numbers', async () => {
      expect(await times(undefined)).toEqual([30, 10, 20, null, 10])
      expect(await times({})).toEqual([30, 10, 20, null, 10])
    })

    test('descending without a column is by number', async () => {
      expect(await times({ descending: true })).toEqual([10, null, 20, 10, 30])
    })

    test('where: all must be equal, null finds null, undefined is left out', async () => {
      expect(await times({ where: { stationId: 'a', transactionId: 'y' } })).toEqual([20, null])
      expect(await times({ where: { transactionId: null } })).toEqual([10, 10])
      expect(await times({ where: { stationId: 'b', transactionId: undefined } })).toEqual([10])
      expect(await times({ where: { measuredAtMs: 20 } })).toEqual([20])
      expect(await times({ where: { stationId: 'A' } })).toEqual([])
    })

    test('between: from is in, to is out, null is never in', async () => {
      const column = 'measuredAtMs'
      expect(await times({ between: { column, from: 10, to: 30 } })).toEqual([10, 20, 10])
      expect(await times({ between: { column, from: 20 } })).toEqual([30, 20])
      expect(await times({ between: { column, to: 20 } })).toEqual([10, 10])
      expect(await times({ between: { column } })).toEqual([30, 10, 20, 10])
      expect(await times({ between: { column, from: 10.5, to: 1e300 } })).toEqual([30, 20])
      expect(await times({ where: { stationId: 'a' }, between: { column, to: 25 } })).toEqual([
        20, 10,
      ])
    })

    test('order: null below everything, the number decides between equals', async () => {
      const numbers = async (descending: boolean): Promise<number[]> =>
        (await subject.storage.query('sample', { orderBy: 'measuredAtMs', descending })).map(
          ({ rowId }) => rowId,
        )
      expect(await numbers(false)).toEqual([4, 2, 5, 3, 1])
      expect(await numbers(true)).toEqual([1, 3, 5, 2, 4])
    })

    test('text sorts by code point', async () => {
      const texts = ['b', 'B', 'a', 'ä', '', 'a\u0001', '\uFFFD', '😀', 'aa', 'Z']
      await subject.storage.commit(texts.map((id) => session({ id })))
      const sorted = (await subject.storage.query('session', { orderBy: 'id' })).map(({ id }) => id)
      expect(sorted).toEqual(['', 'B', 'Z', 'a', 'a\u0001', 'aa', 'b', 'ä', '\uFFFD', '😀'])
    })

    test('limit and offset', async () => {
      expect(await times({ orderBy: 'measuredAtMs', descending: true, limit: 2 })).toEqual([30, 20])
      expect(await times({ limit: 2, offset: 1 })).toEqual([10, 20])
      expect(await times({ offset: 4 })).toEqual([10])
      expect(await times({ offset: 9 })).toEqual([])
      expect(await times({ limit: 0 })).toEqual([])
      expect(await times({ limit: 100 })).toHaveLength(5)
    })

    test('count: what is found, whatever the limit', async () => {
      expect(await subject.storage.count('sample')).toBe(5)
      expect(await subject.storage.count('sample', { where: { stationId: 'a' } })).toBe(4)
      expect(
        await subject.storage.count('sample', { where: { stationId: 'a' }, limit: 1, offset: 2 }),
      ).toBe(4)
      expect(
        await subject.storage.count('sample', { between: { column: 'measuredAtMs', from: 25 } }),
      ).toBe(1)
      expect(await subject.storage.count('reading')).toBe(0)
    })

    test('a long answer is complete and in order', async () => {
      const rows = Array.from({ length: 12_000 }, (_, i) => sample({ measuredAtMs: 1_000 + i }))
      await subject.storage.commit(rows)
      const found = await subject.storage.query('sample', {
        between: { column: 'measuredAtMs', from: 1_000 },
      })
      expect(found).toHaveLength(12_000)
      expect(found.every(({ measuredAtMs }, i) => measuredAtMs === 1_000 + i)).toBe(true)
      expect(found.at(-1)).toEqual({ rowId: 12_005, ...sampleRow({ measuredAtMs: 12_999 }) })
    })

    test('many queries at once are all answered', async () => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => subject.storage.query('sample', { limit: i % 6 })),
      )
      expect(answers.map((rows) => rows.length)).toEqual(
        Array.from({ length: 50 }, (_, i) => Math.min(i % 6, 5)),
      )
    })

    test('what cannot be answered is refused', async () => {
      const cases: [what: string, query: object, message: string][] = [
        ['an unknown column', { where: { colour: 'red' } }, 'there is no column colour'],
        ['a JSON column', { where: { values: [] } }, 'cannot compare values: it is json'],
        ['a value of the wrong type', { where: { stationId: 5 } }, 'stationId cannot hold 5'],
        ['a range over text', { between: { column: 'stationId' } }, 'cannot compare stationId'],
        [
          'a range without a number',
          { between: { column: 'evseId', from: Number.NaN } },
          'between.from',
        ],
        ['an order by JSON', { orderBy: 'values' }, 'cannot order by values'],
        ['an order by SQL', { orderBy: 'evseId; DROP TABLE sample' }, 'there is no column'],
        ['a negative limit', { limit: -1 }, 'limit must be a whole number from 0 up'],
        ['a broken offset', { offset: 1.5 }, 'offset must be a whole number from 0 up'],
      ]
      for (const [what, query, message] of cases) {
        const fault = await faultOf(subject.storage.query('sample', query))
        expect(fault.code, what).toMatch(/storage-failed|record-invalid/)
        expect(fault.message, what).toContain(message)
      }
      expect(await subject.storage.count('sample')).toBe(5)
    })
  })
}

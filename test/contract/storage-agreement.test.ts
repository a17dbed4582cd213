import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import { systemClock } from '../../src/fabric/system-clock.ts'
import type { Query, Storage, StoredRecord } from '../../src/ports/storage.ts'
import type { TableName } from '../../src/ports/tables.ts'
import { createMemoryStorage } from '../../src/storage/memory.ts'
import { openSqliteStorage } from '../../src/storage/sqlite/storage.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { message, sample } from './records.ts'

const folder = temporaryFolder()
const TEXTS = ['a', 'B', 'ä', '😀', '\uFFFD', '']
const NUMBERS = [-1, 0, 1, 2, 3, Number.MAX_SAFE_INTEGER]

const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(arbitrary, { nil: null, freq: 4 })

const text = orNull(fc.constantFrom(...TEXTS))
const number = orNull(fc.constantFrom(...NUMBERS))
const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined })
const numberColumn = fc.constantFrom('evseId', 'measuredAtMs')

const orders = { descending: fc.boolean(), limit: optional(fc.nat({ max: 20 })) }
const range = <C extends string>(column: fc.Arbitrary<C>) =>
  optional(
    fc.record({
      column,
      from: optional(fc.constantFrom(...NUMBERS)),
      to: optional(fc.constantFrom(...NUMBERS)),
    }),
  )

const sampleQuery: fc.Arbitrary<Query<'sample'>> = fc.record({
  where: fc.record({ stationId: text, evseId: number }, { requiredKeys: [] }),
  between: range(numberColumn),
  orderBy: optional(fc.constantFrom('stationId', 'evseId', 'measuredAtMs')),
  ...orders,
  offset: optional(fc.nat({ max: 20 })),
})

const messageQuery: fc.Arbitrary<Query<'message'>> = fc.record({
  where: fc.record({ stationId: text, action: text }, { requiredKeys: [] }),
  between: range(fc.constant('atMs')),
  orderBy: optional(fc.constantFrom('stationId', 'action', 'atMs')),
  ...orders,
  offset: optional(fc.nat({ max: 20 })),
})

const storages: Storage[] = []
const random = seededRandom(7)
const any = <T>(values: readonly T[]): T => values[Math.floor(random.next() * values.length)]
const pick = <T>(values: readonly T[]): T | null => (random.next() < 0.2 ? null : any(values))

/** The same rows for both, from few values, so that equals and nulls are frequent. */
const samples = (): StoredRecord[] =>
  Array.from({ length: 200 }, () =>
    sample({ stationId: pick(TEXTS), evseId: pick(NUMBERS), measuredAtMs: pick(NUMBERS) }),
  )

/** Times of several hours, on both sides of their borders. */
const TIMES = [...NUMBERS, 3_599_999, 3_600_000, 3_600_001, 7_200_000, -3_600_000]
const messages = (): StoredRecord[] =>
  Array.from({ length: 20 }, () =>
    message({ stationId: pick(TEXTS), action: pick(TEXTS), atMs: any(TIMES) }),
  )

beforeAll(async () => {
  const { log } = recordingLog()
  storages.push(
    createMemoryStorage({ log }),
    await openSqliteStorage({ path: join(folder, 'a.db'), clock: systemClock, log }),
  )
  const batches = [samples(), ...Array.from({ length: 10 }, messages)]
  for (const storage of storages) for (const batch of batches) await storage.commit(batch)
})
afterAll(() => Promise.all(storages.map((storage) => storage.stop())))

const agree = async <T extends TableName>(
  table: T,
  asked: fc.Arbitrary<Query<T>>,
): Promise<void> => {
  const [memory, sqlite] = storages
  let found = 0
  await fc.assert(
    fc.asyncProperty(asked, async (query) => {
      const rowsOfMemory = await memory.query(table, query)
      found += rowsOfMemory.length
      expect(await sqlite.query(table, query)).toEqual(rowsOfMemory)
      expect(await sqlite.count(table, query)).toBe(await memory.count(table, query))
    }),
    { numRuns: 300 },
  )
  // The questions must have had answers.
  expect(found).toBeGreaterThan(300)
}

test('memory and SQLite answer any query alike', () => agree('sample', sampleQuery))

test('memory and SQLite answer any query of packed rows alike', () =>
  agree('message', messageQuery))

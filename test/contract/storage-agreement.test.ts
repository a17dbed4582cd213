import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import { systemClock } from '../../src/fabric/system-clock.ts'
import type { Query, Storage, StoredRecord } from '../../src/ports/storage.ts'
import { createMemoryStorage } from '../../src/storage/memory.ts'
import { openSqliteStorage } from '../../src/storage/sqlite/storage.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { sample } from './records.ts'

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

const query: fc.Arbitrary<Query<'sample'>> = fc.record({
  where: fc.record({ stationId: text, evseId: number }, { requiredKeys: [] }),
  between: optional(
    fc.record({
      column: numberColumn,
      from: optional(fc.constantFrom(...NUMBERS)),
      to: optional(fc.constantFrom(...NUMBERS)),
    }),
  ),
  orderBy: optional(fc.constantFrom('stationId', 'evseId', 'measuredAtMs')),
  descending: fc.boolean(),
  limit: optional(fc.nat({ max: 20 })),
  offset: optional(fc.nat({ max: 20 })),
})

const storages: Storage[] = []

/** The same rows for both, from few values, so that equals and nulls are frequent. */
const rows = (): StoredRecord[] => {
  const random = seededRandom(7)
  const pick = <T>(values: readonly T[]): T | null =>
    random.next() < 0.2 ? null : values[Math.floor(random.next() * values.length)]
  return Array.from({ length: 200 }, () =>
    sample({ stationId: pick(TEXTS), evseId: pick(NUMBERS), measuredAtMs: pick(NUMBERS) }),
  )
}

beforeAll(async () => {
  const { log } = recordingLog()
  storages.push(
    createMemoryStorage({ log }),
    await openSqliteStorage({ path: join(folder, 'a.db'), clock: systemClock, log }),
  )
  for (const storage of storages) await storage.commit(rows())
})
afterAll(() => Promise.all(storages.map((storage) => storage.stop())))

test('memory and SQLite answer any query alike', async () => {
  const [memory, sqlite] = storages
  let found = 0
  await fc.assert(
    fc.asyncProperty(query, async (asked) => {
      const rowsOfMemory = await memory.query('sample', asked)
      found += rowsOfMemory.length
      expect(await sqlite.query('sample', asked)).toEqual(rowsOfMemory)
      expect(await sqlite.count('sample', asked)).toBe(await memory.count('sample', asked))
    }),
    { numRuns: 300 },
  )
  // The questions must have had answers.
  expect(found).toBeGreaterThan(300)
})

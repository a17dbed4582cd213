import { expect, test } from 'vitest'
import { createJournal } from '../../../src/control/events/journal.ts'
import { AppError } from '../../../src/errors.ts'
import type { StoredRecord } from '../../../src/ports/storage.ts'
import { createMemoryStorage } from '../../../src/storage/memory.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'

const counter = (name: string, value: number): StoredRecord => ({
  table: 'counter',
  row: { name, value },
})

const bench = () => {
  const { log, entries } = recordingLog()
  const storage = createMemoryStorage({ log })
  const commit = storage.commit.bind(storage)
  let isDown = false
  storage.commit = (records) =>
    isDown ? Promise.reject(new AppError('storage-failed', 'the disk is full')) : commit(records)
  const journal = createJournal(storage, log)
  const told: string[] = []
  const add = (key: string, value: number): Promise<string> =>
    journal
      .add({ key, records: [counter(key, value)], tell: () => void told.push(key) })
      .then(() => 'written')
      .catch((error: AppError) => error.code)
  const names = async () => (await storage.query('counter')).map(({ name }) => name).toSorted()
  return {
    journal,
    add,
    told,
    names,
    entries,
    down: (now: boolean) => {
      isDown = now
    },
  }
}

test('a record that can never be stored holds up nothing behind it', async () => {
  const { journal, add, told, names } = bench()
  // The first goes alone, the others wait for it and share the next commit.
  const outcomes = [add('a', 1), add('b', 2), add('poison', 2 ** 53), add('c', 3)]
  expect(await Promise.all(outcomes)).toEqual(['written', 'written', 'record-invalid', 'written'])
  expect(told).toEqual(['a', 'b', 'c'])
  expect(await names()).toEqual(['a', 'b', 'c'])
  expect(journal.health().stuck).toBe(0)
  expect([...journal.health().setAside]).toEqual([
    ['poison', expect.stringContaining('cannot hold')],
  ])
  expect(await add('d', 4)).toBe('written')
})

test('a poison met while the storage is down goes when it is up again, and the rest in order', async () => {
  const { journal, add, told, names, down, entries } = bench()
  down(true)
  const outcomes = [add('a', 1), add('poison', 1e300), add('b', 2)]
  for (let turn = 0; turn < 3; turn++) {
    await journal.settle()
    journal.retry()
  }
  expect(await Promise.all(outcomes)).toEqual([
    'storage-failed',
    'storage-failed',
    'storage-failed',
  ])
  await journal.settle()
  expect(told).toEqual([])
  expect(journal.health().stuck).toBe(3)
  // One line per outage.
  expect(entries.filter(({ level }) => level === 'error')).toHaveLength(1)
  down(false)
  journal.retry()
  await journal.settle()
  expect(told).toEqual(['a', 'b'])
  expect(await names()).toEqual(['a', 'b'])
  expect(journal.health().stuck).toBe(0)
})

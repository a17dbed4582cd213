import { expect, test } from 'vitest'
import { createJournal } from '../../../src/csms/journal.ts'
import type { StoredRecord } from '../../../src/ports/storage.ts'
import { createFakeStorage } from './fake-storage.ts'
import { recordingLog, settle, type LogLine } from './harness.ts'

const counter = (name: string, value: number): StoredRecord => ({
  table: 'counter',
  row: { name, value },
})
const audit = (action: string): StoredRecord => ({
  table: 'audit',
  row: { atMs: 1, actor: 'a', action, target: 't', detail: null },
})

const start = () => {
  const lines: LogLine[] = []
  const storage = createFakeStorage()
  return { lines, storage, journal: createJournal(storage, recordingLog(lines)) }
}

const values = (storage: ReturnType<typeof createFakeStorage>) =>
  Object.fromEntries(storage.rows('counter').map(({ name, value }) => [name, value]))

test('a commit that fails rejects, and is caught up after the next success', async () => {
  const { storage, journal } = start()
  storage.failNext(1)
  await expect(journal.commit([counter('a', 1), audit('lost')])).rejects.toThrow()
  await journal.commit([counter('b', 1)])
  await settle()
  expect(values(storage)).toEqual({ a: 1, b: 1 })
  // What only grows is not written twice by somebody who tries again.
  expect(storage.rows('audit')).toEqual([])
})

test('a row that was written again meanwhile is not overwritten by the old one', async () => {
  const { storage, journal } = start()
  storage.failNext(1)
  await expect(journal.commit([counter('a', 1)])).rejects.toThrow()
  await journal.commit([counter('a', 2)])
  await journal.settled()
  expect(values(storage)).toEqual({ a: 2 })
})

test('a note that fails is logged and counted, and caught up', async () => {
  const { storage, journal, lines } = start()
  storage.failNext(1)
  journal.note([counter('a', 1)])
  await journal.settled()
  expect(journal.failures()).toBe(1)
  expect(lines).toMatchObject([{ level: 'error', message: 'a change could not be stored' }])
  journal.note([counter('b', 1)])
  await journal.settled()
  expect(values(storage)).toEqual({ a: 1, b: 1 })
})

test('a row that can never be written is given up', async () => {
  const { storage, journal, lines } = start()
  storage.failNext(1)
  await expect(journal.commit([counter('a', 1)])).rejects.toThrow()
  const commit = storage.commit.bind(storage)
  storage.commit = (records) =>
    records.some(({ row }) => 'name' in row && row.name === 'a')
      ? Promise.reject(new Error('never'))
      : commit(records)
  for (let turn = 0; turn < 8; turn++) {
    await journal.commit([counter('b', turn)])
    await settle()
  }
  expect(values(storage)).toEqual({ b: 7 })
  const given = lines.filter(({ message }) => message.endsWith('was given up'))
  expect(given).toHaveLength(1)
})

test('settled waits for what was noted', async () => {
  const { storage, journal } = start()
  storage.hold()
  journal.note([counter('a', 1)])
  let done = false
  const settled = journal.settled().then(() => {
    done = true
  })
  await settle()
  expect(done).toBe(false)
  storage.release()
  await settled
  expect(values(storage)).toEqual({ a: 1 })
})

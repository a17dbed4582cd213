import { beforeEach, describe, expect, test } from 'vitest'
import { createVirtualClock, type VirtualClock } from '../../../src/domain/virtual-clock.ts'
import { AppError } from '../../../src/errors.ts'
import type { Batch, UnitFailure } from '../../../src/storage/batch.ts'
import {
  createBatchWriter,
  DEFAULT_BOUNDS,
  type BatchBounds,
  type BatchWriter,
} from '../../../src/storage/batch-writer.ts'
import { audit, session } from '../../contract/records.ts'
import { recordingLog, type LogEntry } from '../../fixtures/recording-log.ts'

interface Sent {
  readonly atMs: number
  readonly units: number
  readonly actions: unknown[]
  arrive(failures?: readonly UnitFailure[]): void
  fail(error: Error): void
}

/** The actions of a batch of audit records, in their order. */
const actionsOf = ({ cells, unitSizes }: Batch): unknown[] => {
  const records = unitSizes.reduce((sum, size) => sum + size, 0)
  return Array.from({ length: records }, (_, i) => cells[i * 6 + 3])
}

let clock: VirtualClock
let sent: Sent[]
let entries: LogEntry[]

/** A writer whose batches arrive when the test says so. */
const open = (bounds?: Partial<BatchBounds>): BatchWriter => {
  const recording = recordingLog()
  entries = recording.entries
  return createBatchWriter({
    clock,
    log: recording.log,
    bounds,
    send: (batch) =>
      new Promise((resolve, reject) =>
        sent.push({
          atMs: clock.now(),
          units: batch.unitSizes.length,
          actions: actionsOf(batch),
          arrive: (failures = []) => resolve(failures),
          fail: reject,
        }),
      ),
  })
}

const settle = (): Promise<void> => clock.advanceTo(clock.now())

const outcomes = (commits: Promise<void>[]): Promise<string[]> =>
  Promise.all(
    commits.map((commit) =>
      commit.then(
        () => 'written',
        (error: unknown) => (error instanceof AppError ? error.code : 'something else'),
      ),
    ),
  )

beforeEach(() => {
  clock = createVirtualClock(1_000)
  sent = []
})

describe('when a batch starts', () => {
  test('a commit that comes alone goes out at once, again and again', async () => {
    const writer = open()
    for (let i = 0; i < 3; i++) {
      const commit = writer.commit([audit(`${i}`)])
      await settle()
      sent[i].arrive()
      await commit
    }
    expect(sent.map(({ atMs }) => atMs)).toEqual([1_000, 1_000, 1_000])
  })

  test('commits of one turn go together', async () => {
    const writer = open()
    for (const action of ['a', 'b', 'c']) void writer.commit([audit(action), audit(action)])
    await settle()
    expect(sent.map(({ actions }) => actions.join(''))).toEqual(['aabbcc'])
    expect(sent[0].units).toBe(3)
  })

  test('where commits come together, the next batch waits out the window', async () => {
    const writer = open({ windowMs: 3 })
    for (const action of ['a', 'b']) void writer.commit([audit(action)])
    await settle()
    await clock.advanceTo(1_001)
    void writer.commit([audit('c')])
    await clock.advanceTo(1_002)
    void writer.commit([audit('d')])
    await clock.advanceTo(1_010)
    expect(sent.map(({ atMs, actions }) => [atMs, actions.join('')])).toEqual([
      [1_000, 'ab'],
      [1_003, 'cd'],
    ])
  })

  test('a wall clock that was set back delays nothing by more than the window', async () => {
    let offsetMs = 0
    const { log } = recordingLog()
    const batches: number[] = []
    const writer = createBatchWriter({
      log,
      clock: { ...clock, now: () => clock.now() + offsetMs },
      send: async ({ unitSizes }) => {
        batches.push(unitSizes.length)
        return []
      },
    })
    void writer.commit([audit('a')])
    void writer.commit([audit('b')])
    await settle()
    offsetMs = -3_600_000
    void writer.commit([audit('c')])
    await clock.advanceTo(1_000 + DEFAULT_BOUNDS.windowMs)
    expect(batches).toEqual([2, 1])
  })

  test('no more batches are on their way than allowed; the rest gathers', async () => {
    const writer = open({ batchesInFlight: 2, windowMs: 0 })
    for (let i = 0; i < 5; i++) {
      void writer.commit([audit(`${i}`)])
      await settle()
    }
    expect(sent.map(({ actions }) => actions.join(''))).toEqual(['0', '1'])
    sent[0].arrive()
    await settle()
    expect(sent.map(({ actions }) => actions.join(''))).toEqual(['0', '1', '234'])
  })

  test('a full batch is closed and goes first; a large unit stays whole', async () => {
    const writer = open({ batchRecords: 3, batchesInFlight: 1 })
    const abcd = ['a', 'b', 'c', 'd'].map((action) => audit(action))
    void writer.commit([audit('0'), audit('1')])
    void writer.commit(abcd)
    void writer.commit([audit('2')])
    for (let i = 0; i < 2; i++) {
      await clock.advanceTo(clock.now() + 10)
      sent[i].arrive()
    }
    await clock.advanceTo(clock.now() + 10)
    expect(sent.map(({ actions }) => actions.join(''))).toEqual(['01abcd', '2'])
  })

  test('appended records wait for company, but not for ever', async () => {
    const writer = open()
    writer.append(audit('a'))
    await clock.advanceTo(1_100)
    writer.append(audit('b'))
    await clock.advanceTo(1_000 + DEFAULT_BOUNDS.appendWindowMs - 1)
    expect(sent).toEqual([])
    await clock.advanceTo(1_000 + DEFAULT_BOUNDS.appendWindowMs)
    expect(sent.map(({ actions }) => actions.join(''))).toEqual(['ab'])
  })

  test('a commit takes appended records along, in the order of the calls', async () => {
    const writer = open()
    writer.append(audit('a'))
    void writer.commit([audit('b')])
    await settle()
    expect(sent.map(({ actions }) => actions.join(''))).toEqual(['ab'])
  })
})

describe('what callers hear', () => {
  test('nothing before the batch has arrived', async () => {
    const writer = open()
    let isWritten = false
    void writer.commit([audit('a')]).then(() => (isWritten = true))
    await clock.advanceTo(5_000)
    expect(isWritten).toBe(false)
    sent[0].arrive()
    await settle()
    expect(isWritten).toBe(true)
  })

  test('a unit that failed rejects its caller only', async () => {
    const writer = open()
    const commits = ['a', 'b', 'c'].map((action) => writer.commit([audit(action)]))
    await settle()
    sent[0].arrive([{ unit: 1, message: 'refused by the database', isGeneral: false }])
    expect(await outcomes(commits)).toEqual(['written', 'record-invalid', 'written'])
    await expect(commits[1]).rejects.toThrow('refused by the database')
    expect(writer.stats()).toMatchObject({ batches: 1, records: 2, waitingRecords: 0 })
  })

  test('a batch that failed rejects everyone in it, and the next goes on', async () => {
    const writer = open()
    const failed = ['a', 'b'].map((action) => writer.commit([audit(action)]))
    await settle()
    sent[0].fail(new AppError('storage-failed', 'the disk is full'))
    expect(await outcomes(failed)).toEqual(['storage-failed', 'storage-failed'])
    expect(writer.fault()).toBe('the disk is full')
    const next = writer.commit([audit('c')])
    await clock.advanceTo(2_000)
    sent[1].arrive()
    expect(await outcomes([next])).toEqual(['written'])
    expect(writer.fault()).toBeNull()
  })

  test('a fault that is none of ours is told as storage-failed, with its cause', async () => {
    const writer = open()
    const commit = writer.commit([audit('a')])
    await settle()
    const cause = new Error('thread gone')
    sent[0].fail(cause)
    await expect(commit).rejects.toMatchObject({ code: 'storage-failed', cause })
  })

  test('a bad record rejects its call, and nothing of it is sent', async () => {
    const writer = open()
    const good = writer.commit([audit('a')])
    const bad = writer.commit([audit('b'), session({ priority: Number.NaN })])
    const told = outcomes([good, bad])
    await settle()
    sent[0].arrive()
    expect(await told).toEqual(['written', 'record-invalid'])
    expect(sent[0].actions).toEqual(['a'])
  })
})

describe('bounds', () => {
  test('too many waiting records are refused, counted, and logged once', async () => {
    const writer = open({ waitingRecords: 3 })
    const commits = ['a', 'b', 'c'].map((action) => writer.commit([audit(action), audit(action)]))
    const told = outcomes(commits)
    writer.append(audit('d'))
    writer.append(audit('e'))
    await settle()
    sent[0].arrive()
    expect(await told).toEqual(['written', 'storage-overloaded', 'storage-overloaded'])
    // One appended record still fitted beside the first commit.
    expect(writer.stats()).toMatchObject({ refusedCommits: 2, droppedAppends: 1, records: 3 })
    expect(entries.map(({ level }) => level)).toEqual(['warn', 'info'])
  })

  test('too many waiting bytes are refused', async () => {
    const writer = open({ waitingBytes: 1_000 })
    const first = writer.commit([audit('x'.repeat(2_000))])
    await expect(writer.commit([audit('small')])).rejects.toMatchObject({
      code: 'storage-overloaded',
    })
    await settle()
    sent[0].arrive()
    await first
    const again = writer.commit([audit('small')])
    await clock.advanceTo(2_000)
    sent[1].arrive()
    expect(await outcomes([again])).toEqual(['written'])
  })

  test('lost appended records are counted; an outage is logged at its start and its end', async () => {
    const writer = open()
    for (let i = 0; i < 3; i++) {
      writer.append(audit(`${i}`))
      await clock.advanceTo(clock.now() + 1_000)
      sent[i].fail(new AppError('storage-failed', 'the disk is full'))
      await settle()
    }
    expect(entries.map(({ level, message }) => [level, message])).toEqual([
      ['error', 'storage cannot write'],
    ])
    writer.append(audit('d'))
    await clock.advanceTo(clock.now() + 1_000)
    sent[3].arrive()
    await settle()
    expect(writer.stats().droppedAppends).toBe(3)
    expect(entries[1]).toMatchObject({
      level: 'info',
      fields: { droppedAppends: 3 },
      message: 'storage writes again',
    })
  })
})

describe('draining', () => {
  test('sends at once what waits, and resolves when all of it has arrived', async () => {
    const writer = open({ batchesInFlight: 1 })
    writer.append(audit('a'))
    let isDrained = false
    const drained = writer.drain().then(() => (isDrained = true))
    void writer.commit([audit('b')])
    await settle()
    expect(sent.map(({ actions }) => actions.join(''))).toEqual(['a'])
    sent[0].arrive()
    await settle()
    expect(sent.map(({ actions }) => actions.join(''))).toEqual(['a', 'b'])
    expect(isDrained).toBe(false)
    sent[1].arrive()
    await drained
  })

  test('resolves when there is nothing to send, or when that fails', async () => {
    const writer = open()
    await writer.drain()
    writer.append(audit('a'))
    const drained = writer.drain()
    sent[0].fail(new Error('broken'))
    await expect(drained).resolves.toBeUndefined()
  })
})

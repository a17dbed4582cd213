import { expect, test } from 'vitest'
import { createSetupQueue } from '../../../src/csms/setup-queue.ts'
import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'
import { recordingLog, settle, type LogLine } from './harness.ts'

const settings = { maxConcurrent: 2, maxWaiting: 2, pendingIntervalS: 60 }

const start = () => {
  const lines: LogLine[] = []
  const started: string[] = []
  const finish = new Map<string, (error?: Error) => void>()
  const clock = createVirtualClock(0)
  const queue = createSetupQueue(settings, clock, recordingLog(lines))
  clock.every(1_000, queue.pump)
  const later = (): Promise<void> => clock.advanceTo(clock.now() + 2_000)
  const work = (stationId: string, reason: string): Promise<void> => {
    started.push(`${stationId} ${reason}`)
    return new Promise((resolve, reject) => {
      finish.set(stationId, (error) => (error ? reject(error) : resolve()))
    })
  }
  return { queue, started, finish, work, lines, later }
}

test('a few at a time, the others in order', async () => {
  const { queue, started, finish, work, later } = start()
  queue.use(work)
  for (const id of ['A', 'B', 'C', 'D']) queue.request(id, 'boot')
  await later()
  expect(started).toEqual(['A boot', 'B boot'])
  expect(queue.hasRoom()).toBe(false)
  finish.get('B')?.()
  await settle()
  expect(started).toEqual(['A boot', 'B boot', 'C boot'])
  expect(queue.hasRoom()).toBe(true)
  expect(queue.counts()).toEqual({ running: 2, waiting: 1 })
})

test('a station is set up once at a time; a request meanwhile comes after', async () => {
  const { queue, started, finish, work, later } = start()
  queue.use(work)
  queue.request('A', 'boot')
  await later()
  queue.request('A', 'boot')
  queue.request('A', 'resume')
  await later()
  expect(started).toEqual(['A boot'])
  finish.get('A')?.()
  await later()
  expect(started).toEqual(['A boot', 'A boot'])
  expect(queue.counts().waiting).toBe(0)
})

test('a failure is logged and gives the place free', async () => {
  const { queue, started, finish, work, lines, later } = start()
  queue.use(work)
  for (const id of ['A', 'B', 'C']) queue.request(id, 'boot')
  await later()
  finish.get('A')?.(new Error('gone'))
  await settle()
  expect(started).toContain('C boot')
  expect(lines).toContainEqual(
    expect.objectContaining({ message: 'the set-up of a station failed' }),
  )
})

test('requests before the work is known are kept', async () => {
  const { queue, started, work, later } = start()
  queue.request('A', 'resume')
  await later()
  queue.use(work)
  await later()
  expect(started).toEqual(['A resume'])
})

test('nothing is asked before the answer to the boot has left', async () => {
  const { queue, started, work, later } = start()
  queue.use(work)
  queue.request('A', 'boot')
  queue.pump()
  await settle()
  expect(started).toEqual([])
  await later()
  expect(started).toEqual(['A boot'])
})

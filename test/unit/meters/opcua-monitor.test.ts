import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'
import { monitorNodes } from '../../../src/meters/opcua-monitor.ts'
import type { OpcUaSession } from '../../../src/meters/opcua-session.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'

const GOOD = 0
const BAD_NO_COMMUNICATION = 0x80310000
const MINUTE_S = 60

/** A server whose items report what the test says; new items first report `status`. */
const createServer = () => {
  const groups: EventEmitter[] = []
  const subscription = Object.assign(new EventEmitter(), { publishingInterval: 1_000 })
  let status = GOOD
  let speaks = true
  const report = (group: EventEmitter | undefined, code: number): void => {
    group?.emit('changed', {}, { statusCode: { value: code } }, 0)
  }
  const create = () => {
    const group = Object.assign(new EventEmitter(), {
      monitoredItems: [{ statusCode: { isGood: () => true } }],
      terminate: () => Promise.resolve(),
    })
    groups.push(group)
    queueMicrotask(() => {
      group.emit('initialized')
      if (speaks) report(group, status)
    })
    return group
  }
  const opcua = {
    ClientMonitoredItemGroup: { create },
    AttributeIds: { Value: 13 },
    TimestampsToReturn: { Both: 2 },
  }
  const session = { opcua, subscription, namespaces: [] } as unknown as OpcUaSession
  return {
    session,
    groups,
    report: (code: number) => report(groups.at(-1), code),
    /** What items that are made from now on report at first; `null` = nothing. */
    setNew: (code: number | null) => {
      speaks = code !== null
      status = code ?? GOOD
    },
  }
}

const monitor = () => {
  const server = createServer()
  const clock = createVirtualClock(Date.UTC(2026, 10, 22))
  const { log, entries } = recordingLog()
  const listener = { monitored: () => {}, published: () => {}, refused: () => {} }
  const request = { nodeIds: ['ns=1;s=power'], everyTimestamp: false }
  const stop = monitorNodes(server.session, request, listener, { clock, log })
  const run = async (seconds: number): Promise<void> => {
    for (let s = 0; s < seconds; s += 10) await clock.advanceTo(clock.now() + 10_000)
  }
  return { ...server, run, stop, entries }
}

test('an item that stays bad is made anew, and works', async () => {
  const { run, report, groups, entries } = monitor()
  await run(10)
  report(BAD_NO_COMMUNICATION)
  await run(50)
  expect(groups).toHaveLength(1)
  await run(20)
  expect(groups).toHaveLength(2)
  await run(60 * MINUTE_S)
  expect(groups).toHaveLength(2)
  expect(entries.filter(({ level }) => level === 'warn')).toHaveLength(1)
})

test('items that never say anything are made anew', async () => {
  const { run, setNew, report, groups } = monitor()
  await run(10)
  setNew(null)
  report(BAD_NO_COMMUNICATION)
  await run(70)
  expect(groups).toHaveLength(2)
  await run(130)
  expect(groups).toHaveLength(3)
})

test('items that stay bad are made anew after growing waits, six times', async () => {
  const { run, setNew, report, groups } = monitor()
  await run(10)
  setNew(BAD_NO_COMMUNICATION)
  report(BAD_NO_COMMUNICATION)
  const counts: number[] = []
  for (const minutes of [2, 4, 10, 20, 40, 120, 600]) {
    await run(minutes * MINUTE_S)
    counts.push(groups.length - 1)
  }
  expect(counts[0]).toBe(1)
  expect(counts.at(-1)).toBe(6)
})

test('a value that is bad for a moment changes nothing', async () => {
  const { run, report, groups } = monitor()
  await run(10)
  report(BAD_NO_COMMUNICATION)
  await run(30)
  report(GOOD)
  await run(60 * MINUTE_S)
  expect(groups).toHaveLength(1)
})

test('nothing is made anew once nobody listens', async () => {
  const { run, report, groups, stop } = monitor()
  await run(10)
  report(BAD_NO_COMMUNICATION)
  stop()
  await run(60 * MINUTE_S)
  expect(groups).toHaveLength(1)
})

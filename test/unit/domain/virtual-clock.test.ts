import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'

test('time stands still until it is moved', async () => {
  const clock = createVirtualClock(1_000)
  expect(clock.now()).toBe(1_000)
  await clock.advanceTo(5_000)
  expect(clock.now()).toBe(5_000)
})

test('timers run in the order of their times, each at its own time', async () => {
  const clock = createVirtualClock(0)
  const ran: string[] = []
  const note = (name: string) => () => void ran.push(`${name}@${clock.now()}`)
  clock.after(30, note('c'))
  clock.after(10, note('a'))
  clock.after(20, note('b'))
  clock.after(10, note('a2'))
  await clock.advanceTo(20)
  expect(ran).toEqual(['a@10', 'a2@10', 'b@20'])
  await clock.advanceTo(100)
  expect(ran.at(-1)).toBe('c@30')
})

test('a period repeats until it is cancelled, also by itself', async () => {
  const clock = createVirtualClock(0)
  const times: number[] = []
  const cancel = clock.every(10, () => {
    times.push(clock.now())
    if (times.length === 3) cancel()
  })
  await clock.advanceTo(100)
  expect(times).toEqual([10, 20, 30])
  expect(clock.nextDueMs()).toBeNull()
})

test('a cancelled timer does not run', async () => {
  const clock = createVirtualClock(0)
  let runs = 0
  const cancel = clock.after(10, () => runs++)
  clock.after(5, cancel)
  clock.after(20, () => runs++)
  await clock.advanceTo(100)
  expect(runs).toBe(1)
})

test('timers that are set on the way run on the way', async () => {
  const clock = createVirtualClock(0)
  const times: number[] = []
  clock.after(10, () => {
    clock.after(5, () => times.push(clock.now()))
    clock.after(0, () => times.push(clock.now()))
    clock.after(-3, () => times.push(clock.now()))
  })
  await clock.advanceTo(15)
  expect(times).toEqual([10, 10, 15])
})

test('promises settle between timers, however long their chains are', async () => {
  const clock = createVirtualClock(0)
  const seen: string[] = []
  const slow = async (name: string): Promise<void> => {
    for (let i = 0; i < 50; i++) await Promise.resolve()
    seen.push(name)
  }
  clock.after(10, () => void slow('first'))
  clock.after(10, () => seen.push('second'))
  void slow('before')
  await clock.advanceTo(10)
  expect(seen).toEqual(['before', 'first', 'second'])
})

test('a sleeper wakes at its time', async () => {
  const clock = createVirtualClock(0)
  const woke: number[] = []
  const sleeper = async (): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      await new Promise<void>((resolve) => clock.after(7, resolve))
      woke.push(clock.now())
    }
  }
  void sleeper()
  await clock.advanceTo(100)
  expect(woke).toEqual([7, 14, 21])
})

test('a timer that throws stops the clock at its time; the rest runs later', async () => {
  const clock = createVirtualClock(0)
  let ran = false
  clock.after(10, () => {
    throw new Error('broken timer')
  })
  clock.after(20, () => (ran = true))
  await expect(clock.advanceTo(100)).rejects.toThrow('broken timer')
  expect(clock.now()).toBe(10)
  await clock.advanceTo(100)
  expect(ran).toBe(true)
})

test('nonsense is refused', async () => {
  const clock = createVirtualClock(10)
  expect(() => createVirtualClock(Number.NaN)).toThrow(RangeError)
  expect(() => clock.after(Number.NaN, () => {})).toThrow(RangeError)
  expect(() => clock.every(0, () => {})).toThrow(RangeError)
  await expect(clock.advanceTo(9)).rejects.toThrow('cannot go from 10 to 9')
  const running = clock.advanceTo(20)
  await expect(clock.advanceTo(30)).rejects.toThrow('already advancing')
  await running
})

test('any timers run in the order of time, then of creation', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean()), { maxLength: 60 }),
      async (timers) => {
        const clock = createVirtualClock(0)
        const ran: [dueMs: number, index: number][] = []
        for (const [index, [delayMs, isCancelled]] of timers.entries()) {
          const cancel = clock.after(delayMs, () => ran.push([clock.now(), index]))
          if (isCancelled) cancel()
        }
        await clock.advanceTo(20)
        const expected = timers
          .map(([delayMs, isCancelled], index) => ({ delayMs, isCancelled, index }))
          .filter(({ isCancelled }) => !isCancelled)
          .sort((a, b) => a.delayMs - b.delayMs || a.index - b.index)
          .map(({ delayMs, index }) => [delayMs, index])
        expect(ran).toEqual(expected)
      },
    ),
    { numRuns: 50 },
  )
})

test('the wall clock can be set; timers run on', async () => {
  const clock = createVirtualClock(1_000)
  const ran: number[] = []
  clock.every(100, () => ran.push(clock.now()))
  await clock.advanceTo(1_100)
  clock.setBy(-500)
  expect(clock.now()).toBe(600)
  expect(clock.monotonicMs()).toBe(1_100)
  expect(clock.nextDueMs()).toBe(700)
  await clock.advanceTo(800)
  expect(ran).toEqual([1_100, 700, 800])
})

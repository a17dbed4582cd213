import { spawnSync } from 'node:child_process'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createSystemClock, systemClock } from '../../../src/fabric/system-clock.ts'

const DAY_MS = 86_400_000

describe('with the time under control', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  test('after runs once, at its time, unless it is cancelled', () => {
    const ran: string[] = []
    systemClock.after(10, () => ran.push('kept'))
    const cancel = systemClock.after(10, () => ran.push('cancelled'))
    cancel()
    vi.advanceTimersByTime(9)
    expect(ran).toEqual([])
    vi.advanceTimersByTime(1_000)
    expect(ran).toEqual(['kept'])
  })

  test('a delay beyond what Node takes is kept, and can be cancelled half way', () => {
    let runs = 0
    systemClock.after(60 * DAY_MS, () => runs++)
    const cancel = systemClock.after(60 * DAY_MS, () => (runs += 100))
    vi.advanceTimersByTime(40 * DAY_MS)
    cancel()
    vi.advanceTimersByTime(20 * DAY_MS - 1)
    expect(runs).toBe(0)
    vi.advanceTimersByTime(1)
    expect(runs).toBe(1)
  })

  test('every runs after each period until it is cancelled, also from inside', () => {
    const times: number[] = []
    const startMs = systemClock.now()
    const cancel = systemClock.every(100, () => {
      times.push(systemClock.now() - startMs)
      if (times.length === 4) cancel()
    })
    vi.advanceTimersByTime(10_000)
    expect(times).toEqual([100, 200, 300, 400])
  })

  test('a step of the wall clock moves no timer', () => {
    let runs = 0
    systemClock.every(1_000, () => runs++)
    vi.setSystemTime(systemClock.now() - DAY_MS)
    vi.advanceTimersByTime(3_000)
    expect(runs).toBe(3)
  })

  test('nonsense is refused', () => {
    expect(() => systemClock.after(Number.NaN, () => {})).toThrow(RangeError)
    expect(() => systemClock.every(0, () => {})).toThrow(RangeError)
  })
})

test('periods that a blocked process missed are left out', async () => {
  const times: number[] = []
  const startAt = performance.now()
  const clock = createSystemClock({ keepAlive: true })
  await new Promise<void>((resolve) => {
    const cancel = clock.every(20, () => {
      times.push(performance.now() - startAt)
      if (times.length === 1) {
        const blockedUntil = performance.now() + 110
        while (performance.now() < blockedUntil);
      }
      if (times.length < 3) return
      cancel()
      resolve()
    })
  })
  // Blocked from 20 to 130 ms or later: the second comes once, then the rhythm of 20 ms goes on.
  expect(times[1]).toBeGreaterThanOrEqual(129)
  expect(times[2] - times[1]).toBeGreaterThan(1)
})

test('no timer comes early, and none that is late already is complained about', async () => {
  const warnings: Error[] = []
  const collect = (warning: Error): void => void warnings.push(warning)
  process.on('warning', collect)
  const clock = createSystemClock({ keepAlive: true })
  for (const delayMs of [-5, 0, 1, 3, 3, 3, 7.5]) {
    const startAt = performance.now()
    await new Promise<void>((resolve) => clock.after(delayMs, resolve))
    // libuv's own clock counts whole milliseconds.
    expect(performance.now() - startAt).toBeGreaterThan(delayMs - 1)
  }
  await new Promise((resolve) => setImmediate(resolve))
  process.off('warning', collect)
  expect(warnings).toEqual([])
})

test('a waiting timer holds the process only if asked to', () => {
  const lifeMs = (keepAlive: boolean): string => {
    const module = new URL('../../../src/fabric/system-clock.ts', import.meta.url).href
    const script = `import { createSystemClock } from '${module}'
      createSystemClock({ keepAlive: ${keepAlive} }).after(50, () => console.log('ran'))`
    return spawnSync(process.execPath, ['--input-type=module', '-e', script]).stdout.toString()
  }
  expect(lifeMs(false)).toBe('')
  expect(lifeMs(true)).toBe('ran\n')
})

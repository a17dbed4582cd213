import { expect, test } from 'vitest'
import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'
import { createThrottle } from '../../../src/ocpp/throttle.ts'

const start = () => {
  const clock = createVirtualClock(0)
  return { clock, throttle: createThrottle(clock) }
}
const fail = (throttle: ReturnType<typeof createThrottle>, times: number, name = 'CP1') => {
  for (let i = 0; i < times; i++) throttle.failed('192.0.2.1', name)
}

test('a few failures are free, then the pause doubles up to five minutes', () => {
  const { throttle } = start()
  const pauses = Array.from({ length: 12 }, () => {
    fail(throttle, 1)
    return throttle.waitMs('192.0.2.1', 'CP1', true) / 1000
  })
  expect(pauses).toEqual([0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300])
})

test('the pause ends, and success wipes the slate', async () => {
  const { clock, throttle } = start()
  fail(throttle, 4)
  await clock.advanceTo(1999)
  expect(throttle.waitMs('192.0.2.1', 'CP1', true)).toBe(1)
  await clock.advanceTo(2000)
  expect(throttle.waitMs('192.0.2.1', 'CP1', true)).toBe(0)
  throttle.succeeded('192.0.2.1', 'CP1')
  fail(throttle, 2)
  expect(throttle.waitMs('192.0.2.1', 'CP1', true)).toBe(0)
})

test('one misconfigured station does not lock out its neighbours', () => {
  const { throttle } = start()
  fail(throttle, 10)
  expect(throttle.waitMs('192.0.2.1', 'CP1', true)).toBeGreaterThan(0)
  expect(throttle.waitMs('192.0.2.1', 'CP2', true)).toBe(0)
  expect(throttle.waitMs('192.0.2.2', 'CP1', true)).toBe(0)
})

test('guessing many names from one address is slowed down to one a second', async () => {
  const { clock, throttle } = start()
  for (let i = 0; i < 60; i++) fail(throttle, 1, `guess ${i}`)
  expect(throttle.waitMs('192.0.2.1', 'next', true)).toBe(1000)
  expect(throttle.waitMs('192.0.2.2', 'next', true)).toBe(0)
  await clock.advanceTo(1000)
  expect(throttle.waitMs('192.0.2.1', 'next', true)).toBe(0)
})

test('the memory is bounded: the oldest entries are forgotten', () => {
  const { throttle } = start()
  fail(throttle, 5, 'first')
  for (let i = 0; i < 20_000; i++) throttle.failed(`10.0.${i >> 8}.${i & 255}`, 'x')
  expect(throttle.waitMs('192.0.2.1', 'first', true)).toBe(0)
})

test('failures of others never make a station wait more than a second, and a cheap check not at all', () => {
  const { throttle } = start()
  for (let i = 0; i < 2_000; i++) fail(throttle, 1, `guess ${i}`)
  expect(throttle.waitMs('192.0.2.1', 'CP1', true)).toBe(1_000)
  expect(throttle.waitMs('192.0.2.1', 'CP1', false)).toBe(0)
  fail(throttle, 4)
  expect(throttle.waitMs('192.0.2.1', 'CP1', false)).toBe(2_000)
})

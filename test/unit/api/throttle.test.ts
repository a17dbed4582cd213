import { expect, test } from 'vitest'
import { createThrottle, networkOf } from '../../../src/api/throttle.ts'
import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'

const fail = (throttle: ReturnType<typeof createThrottle>, times: number, address = '192.0.2.1') =>
  Array.from({ length: times }, () => throttle.failed(address)).at(-1)

test('twenty wrong tokens a minute are answered, then the address waits for the minute to end', async () => {
  const clock = createVirtualClock(0)
  const throttle = createThrottle(clock)
  expect(fail(throttle, 20)).toBeNull()
  expect(fail(throttle, 1)).toBe(60)
  await clock.advanceTo(45_500)
  expect(fail(throttle, 1)).toBe(15)
  expect(fail(throttle, 1, '192.0.2.2')).toBeNull()
  await clock.advanceTo(60_000)
  expect(fail(throttle, 1)).toBeNull()
})

test('all addresses of an IPv6 subscriber are one', () => {
  const throttle = createThrottle(createVirtualClock(0))
  for (let host = 1; host <= 20; host++) fail(throttle, 1, `2001:db8:1:2::${host.toString(16)}`)
  expect(fail(throttle, 1, '2001:db8:1:2:ffff::1')).toBe(60)
  expect(fail(throttle, 1, '2001:db8:1:3::1')).toBeNull()
})

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1', 'fe80:0:0:0::/64'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test('ten thousand addresses are remembered, the oldest are forgotten', () => {
  const throttle = createThrottle(createVirtualClock(0))
  fail(throttle, 20)
  for (let k = 0; k < 10_000; k++) throttle.failed(`10.${k >> 16}.${(k >> 8) & 255}.${k & 255}`)
  expect(fail(throttle, 1)).toBeNull()
})

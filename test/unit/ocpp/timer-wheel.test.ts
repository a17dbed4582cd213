import { expect, test } from 'vitest'
import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'
import { createTimerWheel, type Timed } from '../../../src/ocpp/timer-wheel.ts'

const start = (slotCount = 600) => {
  const clock = createVirtualClock(0)
  const wheel = createTimerWheel(clock, 100, slotCount)
  const fired: [string, number][] = []
  const timed = (name: string): Timed => ({
    dueTick: 0,
    expire: () => void fired.push([name, clock.now()]),
  })
  return { clock, wheel, fired, timed }
}

test('things expire once, in the order of their deadlines', async () => {
  const { clock, wheel, fired, timed } = start()
  wheel.set(timed('late'), 1000)
  wheel.set(timed('early'), 250)
  wheel.set(timed('at once'), 0)
  await clock.advanceTo(5000)
  expect(fired).toEqual([
    ['at once', 100],
    ['early', 300],
    ['late', 1000],
  ])
})

test('a deadline beyond one turn waits for its round', async () => {
  const { clock, wheel, fired, timed } = start(4)
  wheel.set(timed('far'), 1300)
  wheel.set(timed('near'), 100)
  await clock.advanceTo(1200)
  expect(fired).toEqual([['near', 100]])
  await clock.advanceTo(1300)
  expect(fired).toEqual([
    ['near', 100],
    ['far', 1300],
  ])
})

test('setting again replaces, cancelling removes, also twice', async () => {
  const { clock, wheel, fired, timed } = start()
  const [moved, gone] = [timed('moved'), timed('gone')]
  wheel.set(moved, 200)
  wheel.set(moved, 500)
  wheel.set(gone, 300)
  wheel.cancel(gone)
  wheel.cancel(gone)
  await clock.advanceTo(1000)
  expect(fired).toEqual([['moved', 500]])
})

test('a thing may set itself again while it expires, also into the same slot', async () => {
  const { clock, wheel, fired } = start(4)
  const periodic: Timed = {
    dueTick: 0,
    expire: () => {
      fired.push(['again', clock.now()])
      wheel.set(periodic, 400)
    },
  }
  wheel.set(periodic, 400)
  await clock.advanceTo(1300)
  expect(fired.map(([, atMs]) => atMs)).toEqual([400, 800, 1200])
})

test('a stopped wheel stands still', async () => {
  const { clock, wheel, fired, timed } = start()
  wheel.set(timed('never'), 100)
  wheel.stop()
  await clock.advanceTo(1000)
  expect(fired).toEqual([])
})

import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openSqliteStorage } from '../../src/storage/sqlite/storage.ts'
import { createMosquitto } from '../fixtures/mosquitto.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { iso, wireEvent } from '../fixtures/wire-event.ts'
import { clock, createProduct, createUtility, soon, until } from '../e2e/signals-support.ts'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

test('a number that no store can hold is refused, and holds up nothing, before and after a restart', async () => {
  const broker = await createMosquitto()
  await broker.start()
  stops.push(() => broker.stop())
  const utility = await createUtility(broker.port, 5)
  stops.push(() => utility.stop())
  const path = join(temporaryFolder(), 'site.db')
  const url = `mqtt://127.0.0.1:${broker.port}`
  const run = async () => {
    const storage = await openSqliteStorage({ path, clock, log: recordingLog().log })
    const product = await createProduct(storage, { url })
    return {
      product,
      stop: async () => {
        await product.stop()
        await storage.stop()
      },
    }
  }
  const send = (eventId: string, data: object) => {
    const live = soon(-1_000, 600)
    return utility.send(
      `depot/dn/event/${eventId}`,
      wireEvent(eventId, { ...live, data: { ...live.data, ...data } }),
    )
  }
  const refusals = (eventId: string) =>
    utility.acks().filter((ack) => ack['eventId'] === eventId && ack['state'] === 'rejected')

  let now = await run()
  await send('first', {})
  await until('the first acts', () => utility.states('first').includes('started'))
  await send('poison', { modification: 2 ** 53 + 2 })
  await until('the poison is refused', () => refusals('poison').length === 1)
  expect(refusals('poison')[0]).toMatchObject({
    code: 'schema',
    reason: expect.stringContaining('modification') as string,
  })
  await send('third', {})
  await until('the third acts', () => utility.states('third').includes('started'))
  expect(utility.states('third')).toEqual(['received', 'accepted', 'started'])

  await now.stop()
  now = await run()
  stops.push(() => now.stop())
  await until('the poison is refused again', () => refusals('poison').length === 2)
  await send('fourth', {})
  await until('the fourth acts', () => utility.states('fourth').includes('started'))
  await send('first', { modification: 1, status: 'cancelled', cancelAt: iso(Date.now()) })
  await until('the cancel is told', () => utility.states('first').includes('cancelled'))
  expect(now.product.state('third')).toBe('started')
  expect(now.product.events.health()).toMatchObject({ stuck: 0 })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openSqliteStorage } from '../../src/storage/sqlite/storage.ts'
import { createMosquitto } from '../fixtures/mosquitto.ts'
import { recordingLog } from '../fixtures/recording-log.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { iso } from '../fixtures/wire-event.ts'
import { clock, createProduct, createUtility, until } from '../e2e/signals-support.ts'

interface Document {
  readonly subject: string
  readonly data: Readonly<Record<string, unknown>>
}

/** The documents of the case, sent now. */
const documents = (): Document[] => {
  const text = readFileSync(
    join(import.meta.dirname, '../fixtures/cases/event-without-end/events.json'),
    'utf8',
  )
  const nowMs = Date.now()
  const times = text.replaceAll(/\$NOW(?:\+(\d+)m)?/g, (_, minutes: string | undefined) =>
    iso(nowMs + Number(minutes ?? 0) * 60_000),
  )
  return JSON.parse(times) as Document[]
}

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

test.each(['open-1', 'open-2', 'open-3'])(
  'the limit of %s holds until it is cancelled, also after a restart',
  async (eventId) => {
    const broker = await createMosquitto()
    await broker.start()
    stops.push(() => broker.stop())
    const utility = await createUtility(broker.port, 5)
    stops.push(() => utility.stop())
    const path = join(temporaryFolder(), 'site.db')
    const run = async () => {
      const storage = await openSqliteStorage({ path, clock, log: recordingLog().log })
      const product = await createProduct(storage, { url: `mqtt://127.0.0.1:${broker.port}` })
      const stop = async (): Promise<void> => {
        await product.stop()
        await storage.stop()
      }
      return { product, stop }
    }
    const document = documents().find(({ subject }) => subject === eventId)!
    let now = await run()
    await utility.send(`depot/dn/event/${eventId}`, document)
    await until('it is followed', () => utility.states(eventId).includes('started'))
    expect(utility.states(eventId)).toEqual(['received', 'accepted', 'started'])
    expect(now.product.limitW()).toBe(8_000)
    await now.stop()

    now = await run()
    stops.push(() => now.stop())
    expect(now.product.limitW()).toBe(8_000)
    const { events } = now.product
    // As far as anybody looks ahead.
    const endMs = clock.now() + 36 * 3_600_000
    expect(events.timeline(clock.now()).at(endMs - 1).controllable.importW?.value).toBe(8_000)
    const { data } = document
    const cancel = { ...data, modification: 1, status: 'cancelled', cancelAt: iso(Date.now()) }
    await utility.send(`depot/dn/event/${eventId}`, { ...document, id: 'cancel', data: cancel })
    await until('the cancel is told', () => utility.states(eventId).includes('cancelled'))
    expect(now.product.limitW()).toBeNull()
  },
)

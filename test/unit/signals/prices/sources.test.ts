import { writeFileSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import type { PriceSeries } from '../../../../src/domain/price.ts'
import { createVirtualClock } from '../../../../src/domain/virtual-clock.ts'
import type { Broker, MessageHandler } from '../../../../src/signals/broker.ts'
import { createPriceFile } from '../../../../src/signals/prices/file.ts'
import { createMqttPrices, priceTopic } from '../../../../src/signals/prices/mqtt.ts'
import { createTariffPrices } from '../../../../src/signals/prices/tariff.ts'
import { recordingLog } from '../../../fixtures/recording-log.ts'
import { temporaryFolder } from '../../../fixtures/temporary-folder.ts'
import { expectHealth, expectUsable, show } from './contract.ts'

const HOUR_MS = 3_600_000
const START = Date.parse('2026-03-29T10:20:00Z')
const folder = temporaryFolder()

const setup = () => {
  const clock = createVirtualClock(START)
  const { log, entries } = recordingLog()
  const received: PriceSeries[] = []
  return { clock, log, entries, received, accept: (series: PriceSeries) => received.push(series) }
}

describe('a tariff', () => {
  const series = (fromMs: number, toMs: number): PriceSeries[] => [
    {
      sourceId: 'any',
      kind: 'import',
      currency: 'EUR',
      segments: [{ startMs: fromMs, endMs: toMs, value: 0.3 }],
    },
  ]

  test('is given at once, and again as the horizon rolls on', async () => {
    const { clock, log, received, accept } = setup()
    const source = createTariffPrices({ id: 'tou', horizonH: 24 }, series, { clock, log })
    expectHealth(source.health(), false, /not started/)
    await source.start(accept)
    expectUsable(received[0], START, 24 * HOUR_MS)
    expect(received[0].sourceId).toBe('tou')
    await clock.advanceTo(START + 2 * HOUR_MS)
    expect(received).toHaveLength(9)
    expectUsable(received.at(-1)!, clock.now(), 24 * HOUR_MS)
    expectHealth(source.health(), true, /priced until/)
    source.refresh()
    expect(received).toHaveLength(10)
    await source.stop()
    await clock.advanceTo(START + 5 * HOUR_MS)
    source.refresh()
    expect(received).toHaveLength(10)
  })

  test('that fails is reported and tried again', async () => {
    const { clock, log, entries, received, accept } = setup()
    let broken = true
    const source = createTariffPrices(
      { id: 'tou' },
      (fromMs, toMs) => {
        if (broken) throw new Error('no such tariff')
        return series(fromMs, toMs)
      },
      { clock, log },
    )
    await source.start(accept)
    expectHealth(source.health(), false, /no such tariff/)
    expect(entries).toMatchObject([{ level: 'error', fields: { sourceId: 'tou' } }])
    broken = false
    await clock.advanceTo(START + HOUR_MS)
    expectHealth(source.health(), true, /priced until/)
    expectUsable(received.at(-1)!, clock.now(), 48 * HOUR_MS)
    await source.stop()
  })
})

describe('a tariff that does not hold any more', () => {
  test('is used all the same, and that is said once', async () => {
    const { clock, log, entries, received, accept } = setup()
    const source = createTariffPrices(
      { id: 'old', lapsed: (atMs) => (atMs > START + HOUR_MS ? 'it was valid until noon' : null) },
      (fromMs, toMs) => [
        {
          sourceId: 'any',
          kind: 'import',
          currency: 'EUR',
          segments: [{ startMs: fromMs, endMs: toMs, value: 0.3 }],
        },
      ],
      { clock, log },
    )
    await source.start(accept)
    expectHealth(source.health(), true, /priced until/)
    await clock.advanceTo(START + 3 * HOUR_MS)
    expectHealth(source.health(), false, /it was valid until noon/)
    expectUsable(received.at(-1)!, clock.now(), 48 * HOUR_MS)
    expect(entries.filter(({ level }) => level === 'warn')).toHaveLength(1)
    await source.stop()
  })
})

describe('a file', () => {
  const options = (name: string) => ({
    id: 'day-ahead',
    path: join(folder, name),
    currency: 'EUR',
    timeZone: 'Europe/Berlin',
    horizonH: 12,
  })
  /** Contents with a time of change that differs from any before. */
  let changes = 0
  const write = (path: string, text: string): void => {
    writeFileSync(path, text)
    changes += 1
    utimesSync(path, 1000 + changes, 1000 + changes)
  }

  test('is read, read again when it changes, and survives nonsense', async () => {
    const { clock, log, entries, received, accept } = setup()
    const file = options('prices.csv')
    write(file.path, 'start,price_per_mwh\n2026-03-29T10:00Z,100\n2026-03-29T11:00Z,-50\n')
    const source = createPriceFile(file, { clock, log })
    await source.start(accept)
    expectUsable(received[0], START, 12 * HOUR_MS)
    expect(show(received[0]).slice(0, 2)).toEqual([
      '29T10:00 29T11:00 0.1',
      '29T11:00 29T12:00 -0.05',
    ])
    expectHealth(source.health(), true, /known until 2026-03-29T12:00/)

    write(file.path, 'start,price_per_mwh\n2026-03-29T11:00Z,200\n2026-03-29T12:00Z,oops\n')
    await clock.advanceTo(START + 31_000)
    await vi.waitFor(() => expectHealth(source.health(), false, /line 3: "oops" is no number/))
    await clock.advanceTo(START + 120_000)
    expect(entries.filter(({ level }) => level === 'warn')).toHaveLength(1)
    expect(received).toHaveLength(1)

    write(file.path, 'start,price_per_mwh\n2026-03-29T11:00Z,200\n2026-03-29T12:00Z,300\n')
    await clock.advanceTo(START + 151_000)
    await vi.waitFor(() =>
      expect(show(received.at(-1)!).slice(0, 3)).toEqual([
        '29T10:00 29T11:00 0.1',
        '29T11:00 29T12:00 0.2',
        '29T12:00 29T13:00 0.3',
      ]),
    )
    await source.stop()
  })

  test('that is not there yet stops nobody', async () => {
    const { clock, log, received, accept } = setup()
    const file = options('later.json')
    const source = createPriceFile(file, { clock, log })
    await source.start(accept)
    expectHealth(source.health(), false, /ENOENT.*no price is known yet/)
    expect(received).toEqual([])
    write(
      file.path,
      JSON.stringify({
        currency: 'SEK',
        unit: 'cent/kWh',
        intervals: [{ start: '2026-03-29T10:00:00Z', duration: 'PT3H', value: 80 }],
      }),
    )
    await clock.advanceTo(START + 31_000)
    await vi.waitFor(() => expect(received).toHaveLength(1))
    expect(received[0]).toMatchObject({ currency: 'SEK', segments: [{ value: 0.8 }] })

    rmSync(file.path)
    await clock.advanceTo(START + 20 * 60_000)
    await vi.waitFor(() => expectHealth(source.health(), false, /ENOENT.*known until/))
    // The last known prices roll on, a quarter of an hour at a time.
    await vi.waitFor(() => expect(received.length).toBeGreaterThan(1))
    expectUsable(received.at(-1)!, clock.now(), 12 * HOUR_MS - 15 * 60_000)
    await source.stop()
  })

  test('of another kind is refused with the remedy', async () => {
    const { clock, log, received, accept } = setup()
    const file = options('carbon.csv')
    write(file.path, 'start,grams_per_kwh\n2026-03-29T10:00Z,300\n')
    const wrong = createPriceFile(file, { clock, log })
    await wrong.start(accept)
    expectHealth(wrong.health(), false, /holds carbon prices; set series: carbon/)
    await wrong.stop()
    const right = createPriceFile({ ...file, series: 'carbon' }, { clock, log })
    await right.start(accept)
    expect(received).toMatchObject([{ kind: 'carbon', currency: '' }])
    await right.stop()
  })
})

describe('a broker', () => {
  const fakeBroker = () => {
    let handler: MessageHandler = () => {}
    let filter = ''
    let online = true
    const broker: Pick<Broker, 'subscribe' | 'health'> = {
      subscribe: (wanted, given) => {
        filter = wanted
        handler = given
      },
      health: () => ({ ok: online, sinceMs: START, detail: online ? 'connected' : 'away' }),
    }
    return {
      broker,
      filter: () => filter,
      send: (value: unknown) =>
        handler(filter, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), {
          retain: false,
          properties: {},
        }),
      setOnline: (value: boolean) => {
        online = value
      },
    }
  }
  const event = (modification: number, value: number, extra: object = {}) => ({
    type: 'gs.event.v1',
    data: {
      eventId: 'day',
      modification,
      status: 'issued',
      start: '2026-03-29T10:00:00Z',
      signal: { kind: 'price', unit: 'currency/kWh', currency: 'EUR' },
      intervals: [{ id: 0, duration: 'PT48H', value }],
      ...extra,
    },
  })
  const start = async (series?: 'import' | 'export' | 'carbon') => {
    const parts = { ...setup(), ...fakeBroker() }
    const source = createMqttPrices(
      {
        id: 'grid',
        topic: priceTopic('gs/v1', 'utility', 'depot'),
        currency: 'EUR',
        horizonH: 24,
        ...(series ? { series } : {}),
      },
      parts,
    )
    await source.start(parts.accept)
    return { ...parts, source }
  }
  const values = (received: readonly PriceSeries[]): number[] =>
    received.map(({ segments }) => segments[0].value)

  test('the topic of the programs of a party', async () => {
    const { filter, source } = await start()
    expect(filter()).toBe('gs/v1/utility/depot/dn/price/+')
    expectHealth(source.health(), false, /no price is known yet/)
  })

  test('newer versions count, older ones do not, a cancellation withdraws nothing', async () => {
    const { send, received, clock, source } = await start()
    send(event(1, 0.1))
    send(event(3, -0.3))
    send(event(2, 0.2))
    send(event(4, 0.4, { status: 'cancelled' }))
    send(event(3, 0.5))
    expect(values(received)).toEqual([0.1, -0.3])
    expectUsable(received[0], START, 24 * HOUR_MS)
    await clock.advanceTo(START + 900_000)
    expect(values(received)).toEqual([0.1, -0.3, -0.3])
    await source.stop()
    send(event(9, 0.9))
    expect(received).toHaveLength(3)
  })

  test('the simple form, in the currency of the source', async () => {
    const { send, received } = await start('export')
    send({ intervals: [{ start: '2026-03-29T10:00:00Z', duration: 'PT24H', value: 0.08 }] })
    expect(received).toMatchObject([
      { kind: 'export', currency: 'EUR', sourceId: 'grid', segments: [{ value: 0.08 }] },
    ])
  })

  test('each source takes its own kind', async () => {
    const ghg = event(1, 250, { signal: { kind: 'ghg', unit: 'g/kWh' }, eventId: 'co2' })
    const carbon = await start('carbon')
    carbon.send(event(1, 0.1))
    carbon.send(ghg)
    expect(carbon.received).toMatchObject([{ kind: 'carbon', currency: '' }])
    const prices = await start()
    prices.send(ghg)
    prices.send(event(1, 0.1))
    expect(values(prices.received)).toEqual([0.1])
    expect(prices.entries).toEqual([])
  })

  test('nonsense is logged and counted, the last known prices stand', async () => {
    const { send, received, entries, source, setOnline } = await start()
    send(event(1, 0.1))
    send('not json')
    send({ intervals: [{ start: 'soon', value: 1 }] })
    expect(values(received)).toEqual([0.1])
    expect(entries.map(({ message }) => message)).toEqual([
      expect.stringContaining('a price message cannot be used: is no JSON'),
      expect.stringContaining('intervals/0/start: "soon" must be a time with offset'),
    ])
    expectHealth(source.health(), true, /known until .*; 2 messages refused/)
    setOnline(false)
    expectHealth(source.health(), false, /away; prices are known until/)
  })
})

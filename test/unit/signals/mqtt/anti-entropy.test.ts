import { expect, test } from 'vitest'
import { createVirtualClock } from '../../../../src/domain/virtual-clock.ts'
import { createAntiEntropy, type Missing } from '../../../../src/signals/mqtt/anti-entropy.ts'
import { createManifestWatch } from '../../../../src/signals/mqtt/manifest-watch.ts'
import { eventBench } from '../../../fixtures/event-bench.ts'
import { gridEvent, T0 } from '../../../fixtures/grid-site.ts'
import { recordingLog } from '../../../fixtures/recording-log.ts'
import { bytes, iso } from '../../../fixtures/wire-event.ts'

const S = 1_000

const start = async () => {
  const bench = await eventBench({ startMs: T0 })
  const clock = createVirtualClock(T0)
  const { log, entries } = recordingLog()
  const asked: Missing[] = []
  const book = bench.events.book('dso')
  const watch = createManifestWatch(
    T0,
    60 * S,
    (eventId, modification) => (book.modification(eventId) ?? -1) >= modification,
  )
  const antiEntropy = createAntiEntropy({
    watch,
    context: { authority: 'dso', aliases: new Map(), ratedPowerW: 1 },
    book,
    clock,
    log,
    ask: (missing) => void asked.push(missing),
  })
  const listed = (...eventIds: string[]) =>
    eventIds.map((eventId) => ({ eventId, modification: 0, status: 'issued' }))
  let seq = 0
  return {
    bench,
    clock,
    asked,
    watch,
    hear: (more: object = {}, retain = false) =>
      antiEntropy.onManifest(
        'm',
        bytes({ seq: ++seq, at: iso(clock.now()), events: [], ...more }),
        {
          retain,
          properties: {},
        },
      ),
    hearRaw: (text: string) =>
      antiEntropy.onManifest('m', Buffer.from(text), { retain: false, properties: {} }),
    tick: async (afterMs: number) => {
      await clock.advanceTo(clock.now() + afterMs)
      antiEntropy.tick()
    },
    listed,
    logged: (level: string) =>
      entries.filter((entry) => entry.level === level).map(({ message }) => message),
  }
}

test('what is missing is asked for once per manifest, after it had time to arrive', async () => {
  const { asked, hear, tick, listed } = await start()
  hear({ events: listed('e1', 'e2') })
  await tick(4_999)
  expect(asked).toEqual([])
  await tick(1)
  expect(asked).toEqual([listed('e1', 'e2')])
  await tick(60 * S)
  expect(asked).toHaveLength(1)
  hear({ events: listed('e1', 'e2') })
  await tick(5 * S)
  expect(asked).toHaveLength(2)
})

test('what arrives in time is not asked for', async () => {
  const { bench, asked, hear, tick, listed } = await start()
  hear({ events: listed('e1') })
  await bench.deliver(gridEvent('e1', {}, [1]))
  await tick(5 * S)
  expect(asked).toEqual([])
})

test('an event that is no longer listed is kept, and told once', async () => {
  const { bench, hear, listed, logged } = await start()
  await bench.deliver(gridEvent('e1', {}, [1]), gridEvent('e2', {}, [1]))
  hear({ events: listed('e1') })
  hear({ events: listed('e1') })
  expect(logged('warn')).toEqual(['the manifest lacks an event that is in force; it is kept'])
  expect(bench.events.find('dso', 'e2')?.state).toBe('started')
})

test('gaps, clocks apart and what cannot be read are told', async () => {
  const { hear, hearRaw, logged, watch, clock } = await start()
  hear()
  hear({ seq: 7 })
  hear({ seq: 8, at: iso(clock.now() - 31 * S) })
  hear({ seq: 9, at: iso(clock.now() - 31 * S) })
  hear({ seq: 10, at: iso(clock.now()) })
  hearRaw('{')
  hearRaw('{"seq": 1}')
  hearRaw('')
  expect(logged('warn')).toEqual([
    'manifests were lost',
    'a manifest is not JSON, ignored',
    'a manifest does not fit its schema, ignored',
  ])
  expect(logged('error')).toEqual(["the authority's clock and ours are far apart"])
  expect(logged('info')).toEqual(["the authority's clock and ours agree again"])
  expect(watch.clockSkewMs()).toBe(0)
})

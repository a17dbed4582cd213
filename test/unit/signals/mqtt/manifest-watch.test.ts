import { describe, expect, test } from 'vitest'
import type { DefaultSignal } from '../../../../src/ports/signal-source.ts'
import { createManifestWatch } from '../../../../src/signals/mqtt/manifest-watch.ts'
import type { WireManifest } from '../../../../src/signals/mqtt/wire.ts'
import { T0 } from '../../../fixtures/grid-site.ts'
import { iso } from '../../../fixtures/wire-event.ts'

const S = 1_000
const manifest = (seq: number, atMs: number, more: Partial<WireManifest> = {}): WireManifest => ({
  seq,
  at: iso(atMs),
  events: [],
  ...more,
})
const start = (reached: (eventId: string, modification: number) => boolean = () => true) =>
  createManifestWatch(T0, 60 * S, reached)

test('waiting, fresh, lost after three periods, fresh again', () => {
  const watch = start()
  expect(watch.comms(T0 + 180 * S).state).toBe('waiting')
  expect(watch.comms(T0 + 181 * S)).toMatchObject({ state: 'lost', sinceMs: T0 + 180 * S })
  watch.heard(manifest(1, T0 + 200 * S), null, true, T0 + 200 * S)
  expect(watch.comms(T0 + 380 * S).state).toBe('fresh')
  expect(watch.comms(T0 + 381 * S).state).toBe('lost')
  watch.heard(manifest(2, T0 + 400 * S), null, true, T0 + 400 * S)
  expect(watch.comms(T0 + 400 * S).state).toBe('fresh')
})

test('the manifest may name its own period', () => {
  const watch = start()
  watch.heard(manifest(1, T0, { periodS: 10 }), null, true, T0)
  expect(watch.comms(T0 + 31 * S).state).toBe('lost')
})

test('a stored manifest is as old as it says', () => {
  const watch = start()
  watch.heard(manifest(1, T0 - 500 * S), null, false, T0)
  expect(watch.comms(T0).state).toBe('lost')
  watch.heard(manifest(2, T0 - 10 * S), null, false, T0)
  expect(watch.comms(T0).state).toBe('fresh')
})

test('a stored manifest is read by the clock of its author, once that is known', () => {
  const watch = start()
  watch.heard(manifest(1, T0 - 600 * S), null, true, T0)
  expect(watch.clockSkewMs()).toBe(600 * S)
  watch.heard(manifest(2, T0 - 590 * S), null, false, T0 + 20 * S)
  expect(watch.comms(T0 + 30 * S)).toMatchObject({ state: 'fresh', sinceMs: T0 + 10 * S })
})

test.each([
  ['the next', 2, true, { old: false, gap: 0 }],
  ['a gap', 5, true, { old: false, gap: 3 }],
  ['a repeat of what is stored', 1, false, { old: true, gap: 0 }],
  ['a restart of the authority', 0, true, { old: false, gap: 0 }],
])('sequence: %s', (_name, seq, live, news) => {
  const watch = start()
  watch.heard(manifest(1, T0), null, true, T0)
  expect(watch.heard(manifest(seq, T0 + S), null, live, T0 + S)).toEqual(news)
})

describe('completeness', () => {
  const events: WireManifest['events'] = [
    { eventId: 'e1', modification: 2, status: 'issued' },
    { eventId: 'e2', modification: 1, status: 'cancelled' },
  ]

  test.each([
    ['older version', 1, false],
    ['this version', 2, true],
    ['later version', 3, true],
    ['nothing', -1, false],
  ])('%s', (_name, held, complete) => {
    const watch = start((eventId, modification) => eventId === 'e1' && held >= modification)
    watch.heard(manifest(1, T0, { events }), null, true, T0)
    expect(watch.comms(T0).complete).toBe(complete)
    expect(watch.missing()).toEqual(complete ? [] : [events[0]])
  })

  test('it is judged anew when events arrive', () => {
    let held = false
    const watch = start(() => held)
    watch.heard(manifest(1, T0, { events }), null, true, T0)
    expect(watch.comms(T0).complete).toBe(false)
    held = true
    expect(watch.comms(T0).complete).toBe(true)
  })
})

test('defaults: kept when not named, the same object when named again, none when emptied', () => {
  const watch = start()
  const standing = (): DefaultSignal[] => [
    {
      programId: null,
      signal: { kind: 'import-limit', unit: 'W', scope: 'controllable', currency: null },
      value: 0,
      targets: [],
    },
  ]
  watch.heard(manifest(1, T0), standing(), true, T0)
  const { defaults } = watch.comms(T0)
  expect(defaults).toEqual(standing())
  watch.heard(manifest(2, T0), null, true, T0)
  expect(watch.comms(T0).defaults).toBe(defaults)
  watch.heard(manifest(3, T0), standing(), true, T0)
  expect(watch.comms(T0).defaults).toBe(defaults)
  watch.heard(manifest(4, T0), [], true, T0)
  expect(watch.comms(T0).defaults).toEqual([])
})

test('a wall clock that is set back does not hide a silence', () => {
  const watch = start()
  watch.heard(manifest(1, T0 + 3_600 * S), null, true, T0 + 3_600 * S)
  expect(watch.comms(T0).state).toBe('fresh')
  expect(watch.comms(T0 + 181 * S).state).toBe('lost')
})

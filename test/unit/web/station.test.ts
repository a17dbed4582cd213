import { expect, test } from 'vitest'
import { applyMessage } from '../../../src/web/data/changes.ts'
import { createStore } from '../../../src/web/data/store.ts'
import { createFormat } from '../../../src/web/words/format.ts'
import { makeOf, seenWords, sortStrangers, strangerState } from '../../../src/web/words/station.ts'
import type { Station } from '../../../src/web/wire.ts'
import { at, NOW, station } from './sites.ts'

const format = createFormat('Europe/Amsterdam', 'EUR', 'en-GB')
const OFFLINE = { online: false, connectedAt: null, remoteAddress: null } as const

test.each<[Partial<Station>, string]>([
  [{}, 'Acme One, OCPP 1.6'],
  [{ protocol: 'ocpp2.0.1', model: null }, 'Acme, OCPP 2.0.1'],
  [{ protocol: null }, 'Acme One'],
  [{ vendor: null, model: null }, 'Maker and model not said, OCPP 1.6'],
])('what it is: %o', (more, words) => {
  expect(makeOf(station('X', more))).toBe(words)
})

test.each<[Partial<Station>, string]>([
  [{}, 'First seen 09:00, connected since 09:50 from 10.0.0.7'],
  [{ createdAt: at(-1_440) }, 'First seen Sat 10:00, connected since 09:50 from 10.0.0.7'],
  [{ remoteAddress: null }, 'First seen 09:00, connected since 09:50'],
  [OFFLINE, 'First seen 09:00, last seen 09:59'],
  [{ ...OFFLINE, lastSeenAt: null }, 'First seen 09:00'],
])('when it was here: %o', (more, words) => {
  expect(seenWords(station('X', more), NOW, format).replaceAll('\u00a0', ' ')).toBe(words)
})

test('only who waits and is connected asks for attention', () => {
  const state = (more: Partial<Station>) => strangerState(station('X', more))
  expect(state({})).toEqual({ words: 'quarantined', tone: 'warn' })
  expect(state(OFFLINE)).toEqual({ words: 'quarantined, offline', tone: 'plain' })
  expect(state({ state: 'adopted' })).toEqual({ words: 'adopted', tone: 'plain' })
  expect(state({ ...OFFLINE, state: 'adopted' })).toMatchObject({ words: 'adopted, offline' })
})

test('who waits comes first, of those who is connected, of those the newest', () => {
  const sorted = sortStrangers([
    station('ADOPTED', { state: 'adopted', createdAt: at(-1) }),
    station('GONE', OFFLINE),
    station('OLD-10'),
    station('OLD-9'),
    station('NEW', { createdAt: at(-5) }),
  ])
  expect(sorted.map(({ stationId }) => stationId)).toEqual([
    'NEW',
    'OLD-9',
    'OLD-10',
    'GONE',
    'ADOPTED',
  ])
})

test('the stream brings strangers, and takes those away that belong or were removed', () => {
  const store = createStore()
  const change = (id: string, data: Station | null): void => {
    const text = JSON.stringify({ id, at: at(0), data })
    applyMessage(store, { id: 'r-1', event: 'station', data: text }, () => {
      throw new Error('nothing is to be read anew')
    })
  }
  const shown = () => store.strangers.all().map(({ stationId, state }) => `${stationId} ${state}`)
  change('ONE', station('ONE', { state: 'known' }))
  expect(shown()).toEqual([])
  change('X', station('X'))
  change('Y', station('Y'))
  expect(shown()).toEqual(['X quarantined', 'Y quarantined'])
  change('X', station('X', { state: 'adopted' }))
  change('Y', station('Y', { state: 'removed' }))
  expect(shown()).toEqual(['X adopted'])
  change('X', station('X', { state: 'known' }))
  expect(shown()).toEqual([])
  change('Y', station('Y'))
  change('Y', null)
  expect(shown()).toEqual([])
})

import { expect, test } from 'vitest'
import {
  FILTERS,
  matches,
  sortChargers,
  stateOf,
  wiredPhases,
  type Filter,
  type Order,
} from '../../../src/web/words/charger.ts'
import { at, charger } from './sites.ts'

const reason = (code: string, text = code) => [{ code, text }]

test('a station that is offline is offline, whatever it said last', () => {
  expect(stateOf(charger('A/1', { evse: { status: 'charging' } }).evse).words).toBe('charging')
  const gone = charger('A/1', { evse: { status: 'charging', online: false } })
  expect(stateOf(gone.evse)).toEqual({ words: 'offline', tone: 'bad' })
  expect(FILTERS.free.holds(charger('A/1', { evse: { online: false } }))).toBe(false)
  const silent = charger('A/1', { evse: { online: false, status: 'charging' } })
  expect(FILTERS.charging.holds(silent)).toBe(false)
})

test.each<[Filter, boolean, Parameters<typeof charger>[1]]>([
  ['held', true, { grant: { reasons: reason('event-limit') }, session: {} }],
  ['held', false, { grant: { reasons: reason('event-limit') } }],
  ['held', false, { grant: { reasons: reason('evse-rating') }, session: {} }],
  ['held', false, { grant: { reasons: [...reason('need-met'), ...reason('plan')] }, session: {} }],
  ['trouble', true, { evse: { status: 'faulted' } }],
  ['trouble', true, { grant: { reasons: [...reason('plan'), ...reason('disobeys')] } }],
  ['trouble', false, { grant: { reasons: reason('node-limit') } }],
  ['free', true, {}],
  ['free', false, { evse: { status: 'charging' } }],
  ['charging', true, { evse: { status: 'charging' } }],
])('filter %s: %s', (filter, holds, draft) => {
  expect(FILTERS[filter].holds(charger('A/1', draft))).toBe(holds)
})

const CROWD = [
  charger('B-10/1', { grant: { powerW: 7_000 }, session: { need: need(90) } }),
  charger('B-2/1', { evse: { status: 'faulted' }, grant: null }),
  charger('B-1/1', { grant: { powerW: 11_000 }, session: { need: need(null) } }),
]

function need(minutes: number | null) {
  return {
    energyWh: null,
    departure: minutes === null ? null : at(minutes),
    source: 'api' as const,
  }
}

test.each<[Order, boolean, string]>([
  ['name', false, 'B-1/1 B-2/1 B-10/1'],
  ['name', true, 'B-10/1 B-2/1 B-1/1'],
  ['draw', false, 'B-1/1 B-10/1 B-2/1'],
  ['state', false, 'B-2/1 B-1/1 B-10/1'],
  ['departure', false, 'B-10/1 B-1/1 B-2/1'],
])('sorted by %s, descending %s', (order, isDescending, wished) => {
  expect(
    sortChargers(CROWD, order, isDescending)
      .map(({ evse }) => evse.key)
      .join(' '),
  ).toBe(wished)
})

test.each([
  ['', true],
  ['b-7', true],
  ['GARAGE feeder', true],
  ['paused 9', false],
  ['limits kW', true],
  ['offline', false],
  ['card-1', true],
])('search for "%s": %s', (query, found) => {
  const one = charger('B-7/1', {
    grant: { reasons: reason('event-limit', 'Event x limits the power to 9 kW') },
    session: { idToken: 'CARD-1' },
  })
  expect(matches(one, query, 'Garage feeder')).toBe(found)
})

test('only wired phases are shown, in the order of the site', () => {
  expect(wiredPhases({ wiring: 'L3L1L2' })).toEqual([0, 1, 2])
  expect(wiredPhases({ wiring: 'L2' })).toEqual([1])
  expect(wiredPhases({ wiring: 'L3L1' })).toEqual([0, 2])
})

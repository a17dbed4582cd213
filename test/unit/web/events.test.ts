import { expect, test } from 'vitest'
import { isOver, mayPrefer, phaseOf, presentValue, titleOf } from '../../../src/web/words/events.ts'
import { createFormat } from '../../../src/web/words/format.ts'
import type { GridEvent } from '../../../src/web/wire.ts'
import { at, event, NOW } from './sites.ts'

const format = createFormat('Europe/Amsterdam', 'EUR', 'en-GB')
const title = (one: GridEvent): string => titleOf(one, NOW, format).replaceAll('\u00a0', ' ')

test.each<[GridEvent['state'], number, string]>([
  ['accepted', 30, 'upcoming'],
  ['started', 30, 'active'],
  ['partial', -1, 'active'],
  ['completed', -60, 'over'],
  ['opted-out', 30, 'over'],
  ['rejected', -1, 'over'],
])('%s, starting in %i minutes: %s', (state, minutes, phase) => {
  const one = event({ state, start: at(minutes) })
  expect(phaseOf(one, NOW)).toBe(phase)
  expect(isOver(one)).toBe(phase === 'over')
})

const signal = (more: Partial<GridEvent['signal']>, value: number | null = 5): GridEvent =>
  event({
    signal: { ...event().signal, ...more },
    intervals: [{ id: 0, start: at(-1), end: at(1), value }],
  })

test.each([
  [signal({}, 20_000), 'Limit 20.0 kW for all vehicles'],
  [signal({ scope: 'connection' }, 0), 'Limit 0.0 kW for the grid connection'],
  [signal({ unit: 'A', scope: 'phase' }, 63), 'Limit 63 A for each phase'],
  [signal({ unit: 'fraction', kind: 'setpoint' }, 0.4), 'Setpoint 40 % for all vehicles'],
  [signal({ kind: 'level', unit: 'level' }, 2), 'Level 2 for all vehicles'],
  [signal({ kind: 'price', unit: 'currency/kWh' }, 0.42), 'Price €0.42/kWh'],
  [signal({}, null), 'Limit for all vehicles'],
  [signal({ kind: 'no-charge' }), 'No charging'],
])('%#: %s', (one, wished) => {
  expect(title(one)).toBe(wished)
})

test('of several intervals the present one counts, or the next, or the last', () => {
  const intervals = [1, 2, 3].map((value, k) => ({
    id: k,
    start: at(k * 10),
    end: at(k * 10 + 5),
    value,
  }))
  const one = event({ intervals })
  const value = (minutes: number) => presentValue(one, NOW + minutes * 60_000)
  expect([-5, 0, 7, 12, 90].map(value)).toEqual([1, 1, 2, 2, 3])
})

test('emergency and mandatory events can be left for safety only', () => {
  expect(mayPrefer(event({ optOut: true }))).toBe(true)
  expect(mayPrefer(event({ optOut: false }))).toBe(false)
  expect(mayPrefer(event({ optOut: true, eventClass: 'emergency' }))).toBe(false)
  expect(mayPrefer(event({ optOut: true, eventClass: 'mandatory' }))).toBe(false)
})

import { expect, test } from 'vitest'
import { createSiteCalendar } from '../../../../src/control/planning/site-calendar.ts'
import { forecastKnowledge } from '../../../../src/sim/backtest/forecast-knowledge.ts'
import { declaredKnowledge, perfectKnowledge } from '../../../../src/sim/backtest/knowledge.ts'
import type { Car, Stay } from '../../../../src/sim/backtest/stay.ts'
import { hours, network, stay } from './parts.ts'

const car = (one: Stay, deliveredWh = 0): Car => ({
  stay: one,
  deliveredWh,
  pilotA: 0,
  changes: 0,
  since: one.arrive,
})

test('perfect: what will turn out', () => {
  const one = stay(0, 2, 8, 10)
  expect(perfectKnowledge(car(one, 300), 3)).toEqual({ needWh: 2000, depart: 8, early: null })
})

test('declared: the word of the driver, what is usual without one, a little more when it is over', () => {
  const knows = declaredKnowledge(3600, { needWh: 15_000, stayS: 6 * 3600 })
  const said = stay(0, 2, 20, 100, { declared: { needWh: 4000, depart: 9 } })
  expect(knows(car(said, 1000), 3)).toEqual({ needWh: 3000, depart: 9, early: null })
  expect(knows(car(said, 4000), 9)).toEqual({ needWh: 1000, depart: 10, early: null })
  expect(knows(car(stay(0, 2, 20, 100)), 3)).toEqual({ needWh: 15_000, depart: 8, early: null })
})

test('forecast: learns from stays that are over, and from no others', () => {
  const days = 30
  const past = Array.from({ length: days }, (_, day) => stay(0, day * 24 + 8, day * 24 + 17, 20))
  const { grid, stays } = hours(24 * (days + 1), ...past)
  const knows = forecastKnowledge(network(null), grid, stays, createSiteCalendar('UTC', null))
  const first = knows(car(stays[0]), 8)
  const later = knows(car(stays[days - 1]), (days - 1) * 24 + 8)
  expect(first.depart - 8).not.toBe(9)
  expect(later.depart - ((days - 1) * 24 + 8)).toBe(9)
  expect(later.needWh).toBeCloseTo(20 * 230, -1)
})

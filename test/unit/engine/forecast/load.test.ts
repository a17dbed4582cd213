import { expect, test } from 'vitest'
import { seededRandom } from '../../../../src/domain/seeded-random.ts'
import { createLoadForecast } from '../../../../src/engine/forecast/load.ts'
import { replayLoad } from '../../../../src/engine/forecast/replay-load.ts'
import { scoreForecasts } from '../../../../src/engine/forecast/score.ts'
import { createSlotClock } from '../../../../src/engine/forecast/slot-clock.ts'
import { after, BERLIN, DAY_MS, HOUR_MS, UTC } from './calendars.ts'

const SLOT_MS = 900_000
const clock = createSlotClock(BERLIN, SLOT_MS)
const START = clock.slotAt(Date.UTC(2026, 1, 2))

/** An office by its own clock: 10 kW, 60 kW from eight to six on workdays. */
const office = (slot: number): number => {
  const { kind, slot: time } = clock.place(slot)
  return kind === 0 && time >= 32 && time < 72 ? 60_000 : 10_000
}

const lived = (days: number, value = office) => {
  const model = createLoadForecast(clock)
  for (let slot = START; slot < START + days * 96; slot++) model.learn(slot, value(slot))
  return model
}

test('without a past the load stays as it is', () => {
  const model = createLoadForecast(clock)
  expect(model.at(after(START, 5_000), START + 40, 0.5)).toBeCloseTo(5_000, -1)
  expect(model.at(after(START, 5_000), START + 40, 0.9)).toBeGreaterThan(5_000)
})

test('the running slot is as it is at this moment', () => {
  const model = lived(14)
  const slot = START + 14 * 96
  const present = { slot, value: 33_333, mean: 30_000, part: 0.5 }
  expect(model.at(present, slot, 0.5)).toBe(33_333)
  expect(model.at(present, slot - 3, 0.5)).toBe(33_333)
  expect(model.at(present, slot, 0.9)).toBeGreaterThan(33_333)
})

test('workdays, weekends and the change of the clock', () => {
  // Until Saturday, 28 March; the clock goes on in the night to Sunday.
  const days = 54
  const model = lived(days)
  const last = START + days * 96 - 1
  const now = after(last, 10_000)
  for (let slot = last + 2; slot < last + 3 * 96; slot += 5) {
    expect(Math.abs(model.at(now, slot, 0.5) - office(slot)), `slot ${slot}`).toBeLessThan(1_500)
  }
})

test('a holiday is foreseen where it is known', () => {
  const holiday = Math.floor((START * SLOT_MS) / DAY_MS) + 42
  const model = createLoadForecast(
    createSlotClock({ ...UTC, isHoliday: (day) => day === holiday }, SLOT_MS),
  )
  const daily = createSlotClock(UTC, SLOT_MS)
  for (let slot = START; slot < START + 42 * 96; slot++) {
    model.learn(slot, daily.place(slot).kind === 0 ? 50_000 : 5_000)
  }
  const now = after(START + 42 * 96 - 1, 5_000)
  expect(model.at(now, START + 42 * 96 + 50, 0.5)).toBeLessThan(8_000)
  expect(model.at(now, START + 43 * 96 + 50, 0.5)).toBeGreaterThan(45_000)
})

test('a day on which everything is 20 kW more is noticed while it lasts', () => {
  const random = seededRandom(5)
  let extra = 0
  let day = -1
  const value = (slot: number): number => {
    const today = Math.floor(slot / 96)
    if (today !== day) extra = random.next() < 0.3 ? 20_000 : 0
    day = today
    return office(slot) + extra
  }
  const model = lived(55, value)
  // Sunday evening; on Monday everything is 20 kW more.
  const monday = START + 56 * 96
  for (let slot = START + 55 * 96; slot < monday; slot++) model.learn(slot, office(slot))
  for (let slot = monday; slot < monday + 40; slot++) model.learn(slot, office(slot) + 20_000)
  const now = after(monday + 39, office(monday + 39) + 20_000)
  const noon = monday + 48
  expect(model.at(now, noon, 0.5) - office(noon)).toBeGreaterThan(14_000)
})

test('a gap teaches nothing, a spike little', () => {
  const model = lived(28)
  const last = START + 28 * 96
  const quiet = createLoadForecast(clock, model.snapshot())
  model.learn(last, 9e9)
  for (let slot = last + 1; slot < last + 96; slot++) model.learn(slot, Number.NaN)
  for (let slot = last; slot < last + 96; slot++) quiet.learn(slot, office(slot))
  const now = after(last + 95, 10_000)
  const noon = last + 96 + 48
  expect(model.at(now, noon, 0.5)).toBeGreaterThan(0.7 * office(noon))
  expect(model.at(now, noon, 0.5)).toBeLessThan(1.6 * office(noon))
  expect(quiet.at(now, noon, 0.5)).toBeCloseTo(office(noon), -4)
})

test('quantiles are as often right as they say', () => {
  const hourly = createSlotClock(UTC, HOUR_MS)
  const random = seededRandom(7)
  let noise = 0
  const values = Float64Array.from({ length: 24 * 150 }, (_, k) => {
    noise = 0.7 * noise + 4_000 * (random.next() - 0.5)
    return 30_000 + 20_000 * Math.sin((k * Math.PI) / 12) + noise
  })
  const rows = scoreForecasts(
    replayLoad({ startSlot: hourly.slotAt(START * SLOT_MS), values }, hourly, {
      subject: 'x',
      leadsS: [3_600, 86_400],
      levels: [0.1, 0.5, 0.9],
      warmUpDays: 28,
      everySlots: 1,
    }),
  )
  expect(rows.map(({ leadS }) => leadS)).toEqual([3_600, 86_400])
  for (const { levels, skill } of rows) {
    for (const { level, coverage } of levels) expect(Math.abs(coverage - level)).toBeLessThan(0.04)
    expect(skill).toBeGreaterThan(0.15)
  }
})

test('a snapshot of slots of another length is refused', () => {
  const hourly = createLoadForecast(createSlotClock(UTC, HOUR_MS))
  expect(() => createLoadForecast(clock, hourly.snapshot())).toThrow(/snapshot has/)
})

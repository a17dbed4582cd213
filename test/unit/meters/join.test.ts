import { describe, expect, test } from 'vitest'
import { createJoin, type Join } from '../../../src/meters/join.ts'
import { partsOf, planSlots } from '../../../src/meters/slots.ts'
import type { CurrentScale, Quantity, Scale } from '../../../src/meters/quantity.ts'

type Values = Partial<Record<Quantity, Scale | CurrentScale>>

/** Slots in the order of the quantities; phase quantities come one phase at a time. */
const joinOf = (values: Values, windowMs = 5_000): Join => {
  const plan = planSlots('meters/m/values', values, (quantity) =>
    partsOf(/currentA|PerPhase|voltage/.test(quantity) ? ['1', '2', '3'] : 'all'),
  )
  return createJoin({ ...plan, meterId: 'm', windowMs })
}

describe('joining values', () => {
  test('three phases make a reading at the time of the oldest', () => {
    const join = joinOf({ currentA: { unit: 'A' } })
    join.put(0, 1, 1_000, 'good')
    join.put(1, 2, 900, 'good')
    expect(join.reading(1_100)).toBeNull()
    expect(join.missing()).toEqual(['currentA L3'])
    join.put(2, 3, 1_050, 'good')
    expect(join.reading(1_100)).toEqual({
      meterId: 'm',
      measuredAtMs: 900,
      receivedAtMs: 1_100,
      quality: 'good',
      currentA: [1, 2, 3],
    })
    expect(join.missing()).toEqual([])
  })

  test('a phase that stays behind makes no reading, never a zero', () => {
    const join = joinOf({ currentA: { unit: 'A' } })
    for (const slot of [0, 1, 2]) join.put(slot, 9, 0, 'good')
    join.put(0, 9, 6_000, 'good')
    join.put(2, 9, 6_000, 'good')
    expect(join.reading(6_000)).toBeNull()
    expect(join.missing()).toEqual(['currentA L2'])
    join.put(1, 8, 6_100, 'good')
    expect(join.reading(6_100)?.currentA).toEqual([9, 8, 9])
  })

  test('an energy register whose clock is ahead does not end the readings', () => {
    const join = joinOf({ powerW: { unit: 'W' }, energyImportWh: { unit: 'kWh' } })
    join.put(0, 100, 1_000, 'good')
    join.put(1, 7, 600_000, 'good')
    expect(join.reading(1_000)).toMatchObject({ powerW: 100, measuredAtMs: 1_000, quality: 'good' })
    expect(join.missing()).toEqual([])
  })

  test('a slow energy register neither holds up the power nor makes it old or bad', () => {
    const join = joinOf({ powerW: { unit: 'W' }, energyImportWh: { unit: 'kWh' } })
    join.put(0, 100, 1_000, 'good')
    expect(join.reading(1_000)).toMatchObject({ powerW: 100, measuredAtMs: 1_000 })
    join.put(1, 7, 500, 'uncertain')
    expect(join.reading(1_000)).toMatchObject({
      powerW: 100,
      energyImportWh: 7_000,
      measuredAtMs: 1_000,
      quality: 'good',
    })
    join.put(0, 100, 10_000, 'good')
    expect(join.reading(10_000)).not.toHaveProperty('energyImportWh')
    join.put(1, null, 10_000, 'good')
    const reading = join.reading(10_000)
    expect(reading).not.toHaveProperty('energyImportWh')
    expect(reading?.quality).toBe('good')
  })

  test('a meter of energy alone is decided by that', () => {
    const join = joinOf({ energyImportWh: { unit: 'Wh' } })
    join.put(0, 7, 500, 'uncertain')
    expect(join.reading(1_000)).toMatchObject({ measuredAtMs: 500, quality: 'uncertain' })
  })

  test('no value is bad and absent', () => {
    const join = joinOf({ powerW: { unit: 'W' }, currentA: { unit: 'A' } })
    join.put(0, 1, 10, 'good')
    join.put(1, null, 10, 'good')
    join.put(2, 1, 10, 'good')
    join.put(3, 50, 10, 'good')
    const reading = join.reading(20)
    expect(reading).toMatchObject({ quality: 'bad', powerW: 50 })
    expect(reading).not.toHaveProperty('currentA')
  })

  test('what still holds is as fresh as its confirmation', () => {
    const join = joinOf({ powerW: { unit: 'W' }, frequencyHz: { unit: 'Hz' } }, Infinity)
    join.put(0, 50, 10, 'good')
    join.confirm(9_000)
    expect(join.reading(9_000)).toMatchObject({ powerW: 50, measuredAtMs: 9_000 })
    join.confirm(8_000)
    expect(join.reading(9_000)?.measuredAtMs).toBe(9_000)
    join.clear()
    expect(join.reading(9_000)).toBeNull()
    expect(join.missing()).toEqual(['powerW'])
  })

  test('currents without direction take that of the power', () => {
    const perPhase = joinOf({
      currentA: { unit: 'A', sign: 'as-power' },
      powerPerPhaseW: { unit: 'W' },
    })
    ;[10, 11, 12, -2_000, 500, 0].forEach((value, slot) => perPhase.put(slot, value, 0, 'good'))
    expect(perPhase.reading(0)?.currentA).toEqual([-10, 11, 12])
    const inAll = joinOf({
      currentA: { unit: 'A', sign: 'as-power' },
      powerW: { unit: 'kW', sign: -1 },
    })
    ;[10, 11, 12, 4].forEach((value, slot) => inAll.put(slot, value, 0, 'good'))
    expect(inAll.reading(0)).toMatchObject({ powerW: -4_000, currentA: [-10, -11, -12] })
  })
})

describe('planning slots', () => {
  test('phases that are not connected have no slot and no current', () => {
    const plan = planSlots('x', { currentA: { unit: 'A' } }, () => partsOf([null, 'l2', null]))
    expect(plan.addresses).toEqual(['l2'])
    const join = createJoin({ ...plan, meterId: 'm', windowMs: 0 })
    join.put(0, 16, 0, 'good')
    expect(join.reading(0)?.currentA).toEqual([0, 16, 0])
  })

  test('an array comes at once', () => {
    const plan = planSlots('x', { currentA: { unit: 'mA' } }, () => partsOf('all'))
    const join = createJoin({ ...plan, meterId: 'm', windowMs: 0 })
    join.put(0, [1_000, 2_000, -500], 0, 'good')
    expect(join.reading(0)?.currentA).toEqual([1, 2, -0.5])
  })

  test.each<[string, Values, () => ReturnType<typeof partsOf>, string]>([
    ['nothing', {}, () => partsOf('all'), 'x names no value; give at least one of currentA,'],
    [
      'no phase',
      { currentA: { unit: 'A' } },
      () => partsOf([null, null, null]),
      'x/currentA: name',
    ],
    ['phases', { powerW: { unit: 'W' } }, () => partsOf(['1', '2', '3']), 'x/powerW is one number'],
    [
      'no power',
      { currentA: { unit: 'A', sign: 'as-power' } },
      () => partsOf('all'),
      'x/currentA/sign is as-power, but the meter has neither powerPerPhaseW nor powerW',
    ],
  ])('%s is refused', (_name, values, parts, message) => {
    expect(() => planSlots('x', values, parts)).toThrow(message)
  })
})

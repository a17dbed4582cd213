import { describe, expect, test } from 'vitest'
import { createLoad, type LoadSettings, type SimLoad } from '../../../src/sim/load.ts'
import { EUROPE, load } from './site.ts'

const building = (settings: LoadSettings = {}, seed = 1): SimLoad =>
  createLoad(load('hall'), EUROPE, settings, seed, 0)
const pv = (seed = 1): SimLoad =>
  createLoad(load('roof', { kind: 'pv', designA: [0, 0, 0] }), EUROPE, {}, seed, 50_000)

/** Power at each second of a day. */
const day = (it: SimLoad): number[] =>
  Array.from({ length: 86_400 }, (_, s) => {
    it.step(0, s / 3600, 1)
    return it.powerW
  })

describe('building', () => {
  test('stays within its design load and peaks in working hours', () => {
    const powers = day(building())
    const designW = 3 * 40 * 230
    expect(Math.max(...powers)).toBeLessThanOrEqual(0.8 * designW)
    expect(Math.max(...powers)).toBeGreaterThan(0.7 * designW)
    expect(Math.min(...powers)).toBeGreaterThan(0)
    const noon = powers[12 * 3600]
    const night = powers[3 * 3600]
    expect(noon).toBeGreaterThan(2 * night)
  })

  test('changes no faster than allowed', () => {
    const powers = day(building({ maxSlopeWPerS: 20, noise: 0.3 }))
    const steps = powers.slice(1).map((power, i) => Math.abs(power - powers[i]))
    expect(Math.max(...steps)).toBeLessThanOrEqual(20 + 1e-9)
    expect(Math.max(...steps)).toBeGreaterThan(10)
  })

  test('spreads over the lines as its design load does', () => {
    const it = createLoad(load('hall', { designA: [60, 30, 10] }), EUROPE, {}, 1, 0)
    it.step(0, 12, 1)
    expect(it.re[0] / it.re[2]).toBeCloseTo(6)
    expect((it.re[0] + it.re[1] + it.re[2]) * 230).toBeCloseTo(it.powerW)
  })

  test('follows a shape of its own', () => {
    const shape = Array.from({ length: 24 }, (_, hour) => (hour === 20 ? 1 : 0))
    const it = building({ peakW: 10_000, baseW: 1000, shape, noise: 0, maxSlopeWPerS: 1e9 })
    it.step(0, 20.5, 1)
    expect(it.powerW).toBeCloseTo(10_000)
    it.step(0, 10.5, 1)
    expect(it.powerW).toBeCloseTo(1000)
  })

  test('counts its energy', () => {
    const it = building()
    const wh = day(it).reduce((sum, power) => sum + power / 3600, 0)
    expect(it.importWh).toBeCloseTo(wh, 3)
    expect(it.exportWh).toBe(0)
  })
})

describe('PV', () => {
  test('feeds in by day, nothing by night, with clouds', () => {
    const it = pv()
    const powers = day(it)
    expect(Math.min(...powers)).toBeGreaterThanOrEqual(-50_000)
    expect(Math.min(...powers)).toBeLessThan(-25_000)
    // Without a signed zero.
    expect(Math.abs(powers[3 * 3600])).toBe(0)
    expect(Math.abs(powers[22 * 3600])).toBe(0)
    expect(it.exportWh).toBeGreaterThan(100_000)
    const noon = powers.slice(11 * 3600, 14 * 3600)
    expect(Math.max(...noon) - Math.min(...noon)).toBeGreaterThan(5000)
  })
})

test('the same seed gives the same day, another seed another', () => {
  expect(day(building())).toEqual(day(building()))
  expect(day(pv(1))).not.toEqual(day(pv(2)))
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Reading } from '../../../src/domain/reading.ts'
import { createSuspicion } from '../../../src/meters/suspicion.ts'

const reading = (atS: number, values: Partial<Reading>): Reading => ({
  meterId: 'grid',
  measuredAtMs: atS * 1000,
  receivedAtMs: atS * 1000,
  quality: 'good',
  ...values,
})

/** Judges one power per second. */
const judgeAll = (powersW: readonly number[]): (string | null)[] => {
  const suspicion = createSuspicion(230)
  return powersW.map((powerW, atS) => suspicion.judge(reading(atS, { powerW }), []))
}

describe('power against currents', () => {
  const judge = (values: Partial<Reading>, derived: ('powerW' | 'currentA')[] = []) =>
    createSuspicion(230).judge(reading(0, values), derived)

  test('more than the currents can carry', () => {
    expect(judge({ powerW: 12_000, currentA: [2, 2, 2] })).toBe(
      'shows 12.0 kW, but its currents carry 1.4 kW at most',
    )
    expect(judge({ powerW: -12_000, currentA: [-2, 2, 2] })).not.toBeNull()
  })

  test('less is possible (phases that feed in, reactive loads), and so is what was worked out', () => {
    expect(judge({ powerW: 100, currentA: [10, -10, 0] })).toBeNull()
    expect(judge({ powerW: 1_000, currentA: [1, 1, 1] })).toBeNull()
    expect(judge({ powerW: 12_000, currentA: [2, 2, 2] }, ['currentA'])).toBeNull()
  })
})

describe('a change that no load makes', () => {
  test('kW for W, until it is W again', () => {
    const found = judgeAll([12_000, 12_100, 12.1, 12.2, 12.4, 12_300, 12_200])
    expect(found.map((why) => why !== null)).toEqual([
      false, false, true, true, true, false, false,
    ]) // prettier-ignore
    expect(found[2]).toBe('fell from 12.1 kW to a thousandth of it')
  })

  test('W for kW', () => {
    expect(judgeAll([12, 12_000])[1]).toBe('rose from 12 W to a thousand times that')
  })

  test('a sign that flips, until it flips back', () => {
    const found = judgeAll([8_000, 8_100, -8_100, -8_050, 8_000])
    expect(found.map((why) => why !== null)).toEqual([false, false, true, true, false])
    expect(found[2]).toBe('turned from 8.1 kW to -8.1 kW: its sign may have flipped')
  })

  test('what stays for five minutes is taken for the truth', () => {
    const found = judgeAll([8_000, ...Array<number>(400).fill(-8_000)])
    expect(found.at(200)).not.toBeNull()
    expect(found.at(-1)).toBeNull()
  })

  test('loads that switch, and PV behind a cloud, are not suspect', () => {
    expect(judgeAll([12_000, 0, 12_000, 40, 6_000, -4_000, 5_000, 200]).every((w) => !w)).toBe(true)
    const steps = fc.array(fc.integer({ min: 1_000, max: 1_900 }), { minLength: 2, maxLength: 50 })
    fc.assert(
      fc.property(steps, (powersW) => {
        expect(judgeAll(powersW).filter((why) => why !== null)).toEqual([])
      }),
    )
  })
})

describe('frozen digits', () => {
  const moving = Array.from({ length: 60 }, (_, k) => 5_000 + (k % 7) * 13.7 + k)

  test('a meter that used to move each second is suspect after two minutes', () => {
    const found = judgeAll([...moving, ...Array<number>(300).fill(4_321.5)])
    const at = found.findIndex((why) => why !== null)
    expect(at - moving.length).toBeGreaterThan(115)
    expect(at - moving.length).toBeLessThan(130)
    expect(found.at(-1)).toMatch(/^shows the same digits for \d min, though it used to move$/)
    expect(judgeAll([...moving, ...Array<number>(300).fill(4_321.5), 4_320]).at(-1)).toBeNull()
  })

  test.each([
    ['it never moved', [], 5_000],
    ['it shows zero, as idle loads do', moving, 0],
  ])('not when %s', (_, before, value) => {
    expect(judgeAll([...before, ...Array<number>(900).fill(value)]).every((w) => !w)).toBe(true)
  })

  test('not when it rests as long as it often does: whole amperes at night', () => {
    const night = Array.from({ length: 30 * 60 }, (_, s) => 230 * (2 + (Math.floor(s / 60) % 3)))
    expect(judgeAll([...night, ...Array<number>(540).fill(1_150)]).every((w) => !w)).toBe(true)
  })
})

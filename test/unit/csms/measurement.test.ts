import { expect, test } from 'vitest'
import { outletOf, readMeasurement } from '../../../src/csms/measurement.ts'
import type { MeterValue } from '../../../src/csms/sampled-value.ts'
import type { Evse } from '../../../src/domain/site.ts'
import type { Supply } from '../../../src/domain/wiring.ts'
import { evse } from './harness.ts'

const EUROPE: Supply = { kind: 'three-phase', voltageV: 230 }
const read = (given: Partial<Evse>, values: MeterValue[], supply = EUROPE) =>
  readMeasurement(values, outletOf(evse('CP1', 1, given), supply))

const amps = (phase: string, value: number): MeterValue => ['Current.Import', phase, 'A', value]
const watts = (phase: string, value: number): MeterValue => [
  'Power.Active.Import',
  phase,
  'W',
  value,
]

test.each([
  ['L1L2L3', [16, 10, 5], [16, 10, 5]],
  ['L2L3L1', [16, 10, 5], [5, 16, 10]],
  ['L3L1L2', [16, 10, 5], [10, 5, 16]],
  ['L1L3L2', [16, 10, 5], [16, 5, 10]],
] as const)('terminals of %s are brought to the phases of the site', (wiring, given, expected) => {
  const values = given.map((value, index) => amps(`L${index + 1}`, value))
  expect(read({ wiring }, values)?.currentA).toEqual(expected)
})

test.each([
  ['a phase', 'L2', [amps('L1', 12)], [0, 12, 0]],
  ['phase to neutral', 'L3', [amps('L1-N', 12)], [0, 0, 12]],
  ['no phase', 'L2', [amps('', 12)], [0, 12, 0]],
  ['line to line', 'L3L1', [amps('L1-L2', 12)], [12, 0, 12]],
] as const)('a single-phase EVSE that reports %s', (_, wiring, values, expected) => {
  expect(read({ wiring }, [...values])?.currentA).toEqual(expected)
})

test('a current without phase of a three-phase EVSE is that of each conductor', () => {
  expect(read({ maxA: 16 }, [amps('', 15)])?.currentA).toEqual([15, 15, 15])
})

test('a current that no conductor could carry is the sum of three', () => {
  expect(read({ maxA: 16 }, [amps('', 45)])?.currentA).toEqual([15, 15, 15])
})

test('phases that are not reported count unless the power explains them away', () => {
  expect(read({}, [amps('L1', 16)])?.currentA).toEqual([16, 16, 16])
  expect(read({}, [amps('L1', 16), watts('', 3_680)])?.currentA).toEqual([16, 0, 0])
  expect(read({}, [amps('L1', 16), watts('', 11_040)])?.currentA).toEqual([16, 16, 16])
})

test('milliamperes without a label are amperes; what no cable carries is dropped', () => {
  expect(read({ wiring: 'L1' }, [amps('L1', 15_900)])?.currentA).toEqual([15.9, 0, 0])
  expect(read({ wiring: 'L1' }, [amps('L1', 400)])).toBeNull()
})

test.each([
  ['kilowatts labelled W', 7.4, 7_400],
  ['milliwatts labelled W', 7_400_000, 7_400],
  ['watts', 7_400, 7_400],
  ['a poor power factor stays', 4_000, 4_000],
])('power against currents: %s', (_, given, expected) => {
  const values = [amps('L1', 10.7), amps('L2', 10.7), amps('L3', 10.7), watts('', given)]
  expect(read({}, values)?.powerW).toBeCloseTo(expected)
})

test('power of phases adds up', () => {
  expect(read({}, [watts('L1', 1_000), watts('L2', 2_000), watts('L3', 500)])?.powerW).toBe(3_500)
})

test('power gives the current where that is exact', () => {
  expect(read({ wiring: 'L2' }, [watts('', 2_300)])?.currentA).toEqual([0, 10, 0])
  const ours = { kind: 'three-phase', voltageV: 120 } as const
  const between = read({ wiring: 'L1L2' }, [watts('', 120 * Math.sqrt(3) * 24)], ours)
  expect(between?.currentA?.map((value) => Math.round(value))).toEqual([24, 24, 0])
  expect(read({}, [watts('', 2_300)])).toEqual({ powerW: 2_300 })
})

test('a DC outlet is brought to its AC input', () => {
  const dc = { current: 'DC', maxA: 80, efficiency: 0.9 } as const
  const result = read(dc, [watts('', 41_400), amps('', 100), ['Current.Offered', '', 'A', 125]])
  expect(result?.powerW).toBeCloseTo(46_000)
  expect(result?.currentA?.map((value) => Math.round(value * 10) / 10)).toEqual([66.7, 66.7, 66.7])
  // Direct amperes say nothing about the AC side.
  expect(result?.offeredA).toBeUndefined()
})

test('the inlet of a DC charger is believed as it is', () => {
  const dc = { current: 'DC', maxA: 80, efficiency: 0.9 } as const
  const inlet: MeterValue = ['Power.Active.Import@Inlet', '', 'W', 44_000]
  expect(read(dc, [watts('', 41_400), inlet])?.powerW).toBe(44_000)
})

test('charge, offer, register and voltage', () => {
  const result = read({ wiring: 'L2L3L1' }, [
    ['SoC', '', 'Percent', 55],
    ['Current.Offered', '', 'A', 16],
    ['Energy.Active.Import.Register', '', 'Wh', 1_234_567],
    ['Voltage', 'L1-N', 'V', 231],
    ['Voltage', 'L2-N', 'V', 232],
    ['Voltage', 'L3-N', 'V', 233],
  ])
  expect(result).toEqual({
    soc: 0.55,
    offeredA: 16,
    energyWh: 1_234_567,
    voltageV: [233, 231, 232],
  })
})

test('an offered power is an offer in amperes', () => {
  expect(read({}, [['Power.Offered', '', 'W', 11_040]])?.offeredA).toBeCloseTo(16)
})

test('registers of three phases add up', () => {
  const phase = (index: number, wh: number): MeterValue => [
    'Energy.Active.Import.Register',
    `L${index}`,
    'Wh',
    wh,
  ]
  expect(read({}, [phase(1, 100), phase(2, 200), phase(3, 300)])?.energyWh).toBe(600)
})

test('values of no interest, signed data and neutral currents say nothing', () => {
  expect(
    read({}, [
      ['Temperature', '', 'Celsius', 40],
      ['Current.Import', 'N', 'A', 3],
      ['Energy.Active.Import.Register', '', 'signed', 'OCMF|{}'],
      ['SoC', '', 'Percent', 300],
    ]),
  ).toBeNull()
})

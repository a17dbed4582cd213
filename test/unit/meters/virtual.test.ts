import { describe, expect, test } from 'vitest'
import type { Reading } from '../../../src/domain/reading.ts'
import { createVirtualClock } from '../../../src/domain/virtual-clock.ts'
import { createMeters } from '../../../src/meters/meters.ts'
import type { Quantity } from '../../../src/meters/quantity.ts'
import {
  createVirtualMeters,
  type VirtualMeterOptions,
  type VirtualMeters,
} from '../../../src/meters/virtual.ts'
import { recordingLog } from '../../fixtures/recording-log.ts'

const AT = Date.UTC(2026, 0, 1)
const clock = createVirtualClock(AT)

const known = new Map<string, ReadonlySet<Quantity> | null>([
  ['grid', new Set<Quantity>(['powerW', 'currentA'])],
  ['pv', new Set<Quantity>(['powerW'])],
  ['hvac', new Set<Quantity>(['currentA'])],
  ['station', null],
])

const meter = (id: string, formulas: VirtualMeterOptions['formulas']): VirtualMeterOptions => ({
  id,
  formulas,
})

const reading = (meterId: string, values: Partial<Reading>): Reading => ({
  meterId,
  measuredAtMs: AT,
  receivedAtMs: AT,
  quality: 'good',
  ...values,
})

/** Started, with the readings in the order in which they come out. */
const started = async (options: readonly VirtualMeterOptions[]) => {
  const virtual = await createVirtualMeters(options, known, { clock })
  const out: Reading[] = []
  for (const source of virtual.sources) {
    await source.start((reading) => {
      out.push(reading)
      virtual.update(reading)
    })
  }
  return { virtual, out }
}

const healthOf = ({ sources }: VirtualMeters, id: string) =>
  sources.find((source) => source.id === id)?.health()

describe('virtual meters', () => {
  test('wait for all inputs, then follow each of them', async () => {
    const { virtual, out } = await started([meter('house', { powerW: 'grid.powerW - pv.powerW' })])
    expect(healthOf(virtual, 'house')).toMatchObject({ ok: false, detail: 'waiting for grid, pv' })
    virtual.update(reading('grid', { powerW: 5_000 }))
    expect(out).toEqual([])
    expect(healthOf(virtual, 'house')?.detail).toBe('waiting for pv')
    virtual.update(reading('pv', { powerW: -3_000 }))
    virtual.update(reading('grid', { powerW: 6_000 }))
    expect(out).toEqual([reading('house', { powerW: 8_000 }), reading('house', { powerW: 9_000 })])
    expect(healthOf(virtual, 'house')).toMatchObject({ ok: true })
  })

  test('quality is the worst, the time the oldest', async () => {
    const { virtual, out } = await started([
      meter('sum', { currentA: 'grid.currentA + hvac.currentA' }),
    ])
    virtual.update(
      reading('grid', { currentA: [1, 2, 3], measuredAtMs: AT - 5_000, quality: 'uncertain' }),
    )
    virtual.update(reading('hvac', { currentA: [10, 20, 30], receivedAtMs: AT + 100 }))
    expect(out).toEqual([
      reading('sum', {
        currentA: [11, 22, 33],
        measuredAtMs: AT - 5_000,
        receivedAtMs: AT + 100,
        quality: 'uncertain',
      }),
    ])
  })

  test('a bad input makes a bad reading without values, until it is good again', async () => {
    const { virtual, out } = await started([meter('house', { powerW: 'grid.powerW - pv.powerW' })])
    virtual.update(reading('pv', { powerW: 0 }))
    virtual.update(reading('grid', { powerW: 5_000 }))
    virtual.update(reading('grid', { quality: 'bad', powerW: 5_000 }))
    virtual.update(reading('pv', { powerW: 0 }))
    expect(out.slice(1)).toEqual([
      reading('house', { quality: 'bad' }),
      reading('house', { quality: 'bad' }),
    ])
    expect(healthOf(virtual, 'house')?.ok).toBe(false)
    virtual.update(reading('grid', { powerW: 4_000 }))
    expect(out.at(-1)).toEqual(reading('house', { powerW: 4_000 }))
  })

  test('a result that is no number is bad and absent, not zero', async () => {
    const { virtual, out } = await started([
      meter('ratio', { powerW: 'grid.powerW / pv.powerW', frequencyHz: '50 + 0 * grid.powerW' }),
    ])
    virtual.update(reading('grid', { powerW: 1 }))
    virtual.update(reading('pv', { powerW: 0 }))
    expect(out).toEqual([reading('ratio', { quality: 'bad', frequencyHz: 50 })])
  })

  test('one formula per phase', async () => {
    const { virtual, out } = await started([
      meter('mixed', { currentA: ['grid.currentA.L3', '0', 'max(grid.currentA)'] }),
    ])
    virtual.update(reading('grid', { currentA: [1, 2, 3] }))
    expect(out[0].currentA).toEqual([3, 0, 3])
  })

  test('values that come now and then are kept, with their own time', async () => {
    const { virtual, out } = await started([
      meter('v', { energyImportWh: 'station.energyImportWh', powerW: 'station.powerW' }),
    ])
    virtual.update(reading('station', { powerW: 1 }))
    expect(out).toEqual([])
    expect(healthOf(virtual, 'v')?.detail).toBe('waiting for station.energyImportWh')
    virtual.update(reading('station', { energyImportWh: 7, powerW: 1 }))
    virtual.update(reading('station', { powerW: 2, measuredAtMs: AT + 9_000 }))
    expect(out.at(-1)).toMatchObject({ powerW: 2, energyImportWh: 7, measuredAtMs: AT })
  })

  test('virtual meters may use each other; one change gives each one reading, in order', async () => {
    const { virtual, out } = await started([
      meter('top', { powerW: 'left.powerW + right.powerW' }),
      meter('left', { powerW: 'grid.powerW * 2' }),
      meter('right', { powerW: 'grid.powerW * 3' }),
    ])
    expect(virtual.sources.map(({ id }) => id)).toEqual(['left', 'right', 'top'])
    virtual.update(reading('grid', { powerW: 1 }))
    virtual.update(reading('grid', { powerW: 10 }))
    expect(out.map(({ meterId, powerW }) => [meterId, powerW])).toEqual([
      ['left', 2],
      ['right', 3],
      ['top', 5],
      ['left', 20],
      ['right', 30],
      ['top', 50],
    ])
  })

  test('after stop nothing comes any more', async () => {
    const { virtual, out } = await started([meter('v', { powerW: 'grid.powerW' })])
    for (const source of virtual.sources) await source.stop()
    virtual.update(reading('grid', { powerW: 1 }))
    expect(out).toEqual([])
    expect(healthOf(virtual, 'v')).toMatchObject({ ok: false, detail: 'stopped' })
  })

  test('no virtual meters, no cost', async () => {
    const virtual = await createVirtualMeters([], known, { clock })
    expect(virtual.sources).toEqual([])
    virtual.update(reading('grid', {}))
  })

  test('among all meters they see what was worked out for their inputs', async () => {
    const virtual = await createVirtualMeters(
      [meter('rest', { currentA: 'grid.currentA - pv.currentA' })],
      known,
      { clock },
    )
    const byHand = new Map<string, (reading: Reading) => void>()
    const handMeter = (id: string) => ({
      id,
      start: async (accept: (reading: Reading) => void) => void byHand.set(id, accept),
      stop: async () => {},
      health: () => ({ ok: true, sinceMs: AT, detail: '' }),
    })
    const meters = createMeters(
      [handMeter('grid'), handMeter('pv'), ...virtual.sources].map((source) => ({ source })),
      {
        clock,
        log: recordingLog().log,
        supply: { kind: 'three-phase', voltageV: 230 },
        onReading: (reading) => virtual.update(reading),
      },
    )
    await meters.start()
    byHand.get('grid')?.(reading('grid', { currentA: [10, 10, 10], powerW: 6_900 }))
    byHand.get('pv')?.(reading('pv', { powerW: -6_900 }))
    expect(meters.latest('rest')?.reading).toMatchObject({
      currentA: [20, 20, 20],
      powerW: 13_800,
      quality: 'uncertain',
    })
    await meters.stop()
  })
})

describe('configuration errors', () => {
  test.each<[string, readonly VirtualMeterOptions[], string]>([
    [
      'an unknown meter',
      [meter('v', { powerW: 'gird.powerW' })],
      'meters/v/formulas/powerW: there is no meter "gird"; there are grid, pv, hvac, station, v',
    ],
    [
      'an unknown quantity',
      [meter('v', { frequencyHz: 'pv.frequencyHz' })],
      'meters/v/formulas/frequencyHz: meter "pv" has no frequencyHz; it has powerW, currentA',
    ],
    [
      'a quantity that another formula does not give',
      [meter('a', { soc: 'station.soc' }), meter('b', { powerW: 'a.powerW' })],
      'meters/b/formulas/powerW: meter "a" has no powerW; it has soc',
    ],
    ['itself', [meter('v', { powerW: 'v.powerW + 1' })], 'in a circle: v -> v'],
    [
      'a circle',
      [
        meter('a', { powerW: 'b.powerW' }),
        meter('b', { powerW: 'c.powerW + grid.powerW' }),
        meter('c', { powerW: 'a.powerW' }),
      ],
      'meters/a: virtual meters use each other in a circle: a -> b -> c -> a',
    ],
    ['no formula', [meter('v', {})], 'meters/v/formulas is empty'],
    ['no meter', [meter('v', { powerW: '5' })], 'meters/v/formulas/powerW uses no meter'],
    [
      'three formulas for one number',
      [meter('v', { powerW: ['1', '2', '3'] })],
      'meters/v/formulas/powerW is one number',
    ],
    [
      'a mistake in one phase',
      [meter('v', { currentA: ['grid.currentA', 'grid.', 'grid.currentA'] })],
      'meters/v/formulas/currentA/1: "grid."',
    ],
  ])('%s', async (_name, options, message) => {
    await expect(createVirtualMeters(options, known, { clock })).rejects.toThrow(message)
  })
})

import { systemClock } from '../../src/fabric/system-clock.ts'
import { createVirtualMeters } from '../../src/meters/virtual.ts'
import { meterSourceContract, type Shown } from './meter-source.ts'

meterSourceContract(
  'virtual',
  async () => {
    const { sources, update } = await createVirtualMeters(
      [
        {
          id: 'rest',
          formulas: { powerW: 'grid.powerW - pv.powerW', currentA: 'grid.currentA + 0' },
        },
      ],
      new Map([
        ['grid', new Set(['powerW', 'currentA'] as const)],
        ['pv', null],
      ]),
      { clock: systemClock },
    )
    let shown: Shown = { powerW: 0, currentA: [0, 0, 0] }
    const say = (): void => {
      const atMs = Date.now()
      const times = { measuredAtMs: atMs, receivedAtMs: atMs }
      update({ meterId: 'pv', ...times, quality: 'good', powerW: -1_000 })
      const { powerW, currentA, quality = 'good' } = shown
      update({ meterId: 'grid', ...times, quality, powerW: powerW - 1_000, currentA })
    }
    const timer = setInterval(say, 20)
    return {
      source: sources[0],
      show: (values) => void (shown = values),
      close: async () => clearInterval(timer),
    }
  },
  { knowsBad: true, connects: false },
)

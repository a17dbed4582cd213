import { parseArgs } from 'node:util'
import type { Log } from '../src/ports/log.ts'
import { runSilent, type SilentCase } from './silent/run.ts'

const USAGE = `npm run bench -- silent [--hours 48] [--seed 5] [--prices flat,night]
Drivers who say nothing, and drivers who tell, with and without a plan: 20 EVSEs on 50 A.
`

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }

const PLACES: readonly (readonly [SilentCase['place'], number])[] = [
  ['home', 0],
  ['public', 0],
  ['workplace', 0],
  ['home', 1],
  ['workplace', 1],
]

export const run = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      hours: { type: 'string', default: '48' },
      seed: { type: 'string', default: '5' },
      prices: { type: 'string', default: 'flat,night' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return void process.stdout.write(USAGE)
  process.stdout.write(
    'place      tell  prices  plan   kWh  unserved  served  changes/session  per kWh\n',
  )
  for (const prices of values.prices.split(',') as SilentCase['prices'][]) {
    for (const [place, tellNeed] of PLACES) {
      for (const planned of [true, false]) {
        const { hours, seed } = { hours: Number(values.hours), seed: Number(values.seed) }
        const result = await runSilent({ place, tellNeed, hours, seed, prices, planned }, log)
        const { energyKwh, unservedKwh, sessions, switching, cost } = result
        const perKwh = cost && energyKwh > 0 ? (cost.ev / energyKwh).toFixed(3) : '-'
        process.stdout.write(
          `${place.padEnd(11)}${tellNeed === 1 ? 'all ' : 'none'}  ${prices.padEnd(6)}  ` +
            `${planned ? 'with' : 'none'}  ${energyKwh.toFixed(0).padStart(4)}  ` +
            `${unservedKwh.toFixed(0).padStart(8)}  ${sessions.fullyServed}/${sessions.left}`.padEnd(
              18,
            ) +
            `${switching.perSession.toFixed(1).padStart(8)}  ${perKwh}\n`,
        )
      }
    }
  }
}

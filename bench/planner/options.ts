import { parseArgs } from 'node:util'

export interface Size {
  readonly devices: number
  readonly steps: number
}

/** Names of the regimes and how tight their fuses are (see site.ts). */
export const REGIMES = { loose: 1, congested: 0.8, overloaded: 0.6 } as const
export type RegimeName = keyof typeof REGIMES

export interface Options {
  readonly sizes: readonly Size[]
  readonly regimes: readonly RegimeName[]
  readonly seeds: number
  readonly storage: readonly number[]
  readonly highs: boolean
  readonly timeLimitS: number
}

const HELP = `npm run bench -- planner [options]

  --sizes LIST       devices x steps (50x96,200x96,1000x96,1000x288,5000x96,10000x288)
  --regimes LIST     ${Object.keys(REGIMES).join(',')} (all)
  --seeds N          instances per size and regime (5)
  --storage LIST     parts of the devices that are batteries or V2G (0,0.1)
  --no-highs         leave HiGHS out
  --time-limit N     seconds after which HiGHS gives up on an instance; it solves as many of a
                     line's instances as fit into that (60)
  --quick            50x96,200x96,1000x96 with 3 seeds, for CI
`

const OPTIONS = {
  sizes: { type: 'string' },
  regimes: { type: 'string', default: Object.keys(REGIMES).join(',') },
  seeds: { type: 'string' },
  storage: { type: 'string', default: '0,0.1' },
  'no-highs': { type: 'boolean', default: false },
  'time-limit': { type: 'string', default: '60' },
  quick: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

const sizeOf = (text: string): Size => {
  const match = /^(\d+)x(\d+)$/.exec(text)
  if (match === null) throw new RangeError(`--sizes: "${text}" is not like 200x96`)
  return { devices: Number(match[1]), steps: Number(match[2]) }
}

const numberOf = (name: string, text: string, least: number): number => {
  const value = Number(text)
  if (!(value >= least)) throw new RangeError(`--${name}: "${text}" must be at least ${least}`)
  return value
}

const regimeOf = (text: string): RegimeName => {
  if (text in REGIMES) return text as RegimeName
  throw new RangeError(`--regimes: "${text}" is none of ${Object.keys(REGIMES).join(', ')}`)
}

/** `null`: help was asked for and is printed. Throws a RangeError that says what is wrong. */
export const readOptions = (args: readonly string[]): Options | null => {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  if (values.help) {
    process.stdout.write(HELP)
    return null
  }
  const all = '50x96,200x96,1000x96,1000x288,5000x96,10000x288'
  const sizes = values.sizes ?? (values.quick ? '50x96,200x96,1000x96' : all)
  return {
    sizes: sizes.split(',').map(sizeOf),
    regimes: values.regimes.split(',').map(regimeOf),
    seeds: numberOf('seeds', values.seeds ?? (values.quick ? '3' : '5'), 1),
    storage: values.storage.split(',').map((part) => numberOf('storage', part, 0)),
    highs: !values['no-highs'],
    timeLimitS: numberOf('time-limit', values['time-limit'], 1),
  }
}

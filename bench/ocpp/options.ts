import { tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { PROTOCOLS, type Protocol } from './generator/messages.ts'

export const SERVERS = ['echo', 'strict', 'ocpp-rpc', 'busbar'] as const
export type ServerName = (typeof SERVERS)[number]

export const MODES = ['loops', 'latency', 'memory', 'storm', 'fan-out', 'crash'] as const
export type Mode = (typeof MODES)[number]
const DEFAULT_MODES: readonly Mode[] = ['loops', 'latency', 'memory', 'storm']

export const LOADS = ['heartbeat', 'meter', 'boot', 'mix'] as const
export type LoadName = (typeof LOADS)[number]

export interface Options {
  readonly modes: readonly Mode[]
  readonly loads: readonly LoadName[]
  readonly servers: readonly ServerName[]
  readonly protocol: Protocol
  readonly stations: number
  /** Stations of the storm, the idle connections and the fan-out. */
  readonly fleet: number
  readonly seconds: number
  readonly warmUpS: number
  readonly rounds: number
  readonly rates: readonly number[]
  readonly kills: number
  /** Where databases and outputs go; it must be a disk for durability to cost what it costs. */
  readonly folder: string
  /** A folder for CPU profiles of the servers, or `null`. */
  readonly profile: string | null
}

const HELP = `npm run bench -- ocpp [options]

  --modes LIST     ${MODES.join(',')} (default: ${DEFAULT_MODES.join(',')})
  --all            all modes
  --quick          short rounds and fewer stations, for CI
  --loads LIST     of loops: ${LOADS.join(',')} (default: heartbeat,meter)
  --servers LIST   ${SERVERS.join(',')} (default: all)
  --protocol NAME  ${PROTOCOLS.join(' or ')}
  --stations N     connected in loops and latency (1000)
  --fleet N        connected in memory, storm and fan-out (5000)
  --seconds N      of each measurement (2), after --warm-up N (1)
  --rounds N       every server is measured so often, in turns (3)
  --rates LIST     messages per second of latency (5000)
  --kills N        of crash (3)
  --folder DIR     for databases and outputs (${tmpdir()})
  --profile DIR    write CPU profiles of the servers
`

const OPTIONS = {
  modes: { type: 'string' },
  all: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  loads: { type: 'string', default: 'heartbeat,meter' },
  servers: { type: 'string', default: SERVERS.join(',') },
  protocol: { type: 'string', default: PROTOCOLS[0] },
  stations: { type: 'string' },
  fleet: { type: 'string' },
  seconds: { type: 'string' },
  'warm-up': { type: 'string' },
  rounds: { type: 'string' },
  rates: { type: 'string', default: '5000' },
  kills: { type: 'string' },
  folder: { type: 'string', default: tmpdir() },
  profile: { type: 'string' },
} as const

/** `null`: help was asked for and is printed. Throws a RangeError that says what is wrong. */
export const readOptions = (args: readonly string[]): Options | null => {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  if (values.help) {
    process.stdout.write(HELP)
    return null
  }
  const { quick } = values
  const modes = values.all ? MODES.join(',') : (values.modes ?? DEFAULT_MODES.join(','))
  return {
    modes: listOf('modes', modes, MODES),
    loads: listOf('loads', values.loads, LOADS),
    servers: listOf('servers', values.servers, SERVERS),
    protocol: oneOf('protocol', values.protocol, PROTOCOLS),
    stations: countOf('stations', values.stations, quick ? 300 : 1_000),
    fleet: countOf('fleet', values.fleet, quick ? 1_000 : 5_000),
    seconds: countOf('seconds', values.seconds, 2),
    warmUpS: countOf('warm-up', values['warm-up'], 1),
    rounds: countOf('rounds', values.rounds, quick ? 1 : 3),
    rates: values.rates.split(',').map((rate) => countOf('rates', rate, 0)),
    kills: countOf('kills', values.kills, quick ? 1 : 3),
    folder: values.folder,
    profile: values.profile ?? null,
  }
}

const countOf = (name: string, given: string | undefined, fallback: number): number => {
  const count = given === undefined ? fallback : Number(given)
  if (Number.isInteger(count) && count > 0) return count
  throw new RangeError(`--${name} must be a whole number above 0, not "${given}"`)
}

const oneOf = <T extends string>(name: string, given: string, known: readonly T[]): T => {
  const found = known.find((one) => one === given)
  if (found) return found
  throw new RangeError(`--${name} knows ${known.join(', ')}, not "${given}"`)
}

const listOf = <T extends string>(name: string, given: string, known: readonly T[]): T[] =>
  given.split(',').map((one) => oneOf(name, one, known))

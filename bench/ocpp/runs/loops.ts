import type { LoadResult } from '../generator/loads.ts'
import type { Kind } from '../generator/messages.ts'
import { FIRST_NUMBER } from '../generator/station.ts'
import type { LoadName, Options, ServerName } from '../options.ts'
import type { Books } from '../servers/serve.ts'
import type { Subject } from '../subject.ts'
import { middle, ratioTo, warnOfForeign, type Series } from './common.ts'
import { print, printTable, whole } from '../../support/table.ts'

/**
 * What a station says in turn. The mix: of 110 messages 60 MeterValues, 20 Heartbeats, 10
 * StatusNotifications, 10 starts and 10 stops.
 */
const PROGRAMS: Readonly<Record<LoadName, readonly Kind[]>> = {
  heartbeat: ['heartbeat'],
  meter: ['meter'],
  boot: ['boot'],
  mix: [
    'stop',
    'heartbeat',
    'status',
    'start',
    'meter',
    'meter',
    'meter',
    'heartbeat',
    'meter',
    'meter',
    'meter',
  ],
}

/** An echo gets a frame of the same size: 100 bytes, or the meter values. */
const forEcho = (load: LoadName): readonly Kind[] | null =>
  load === 'heartbeat' ? ['small'] : load === 'meter' ? ['meter'] : null

interface Measured extends LoadResult {
  readonly blockMs: number
}

/** One load on all servers. */
export interface Loop {
  readonly load: LoadName
  readonly series: readonly Series<Measured>[]
}

const programOf = (server: ServerName, load: LoadName): readonly Kind[] | null =>
  server === 'echo' ? forEcho(load) : PROGRAMS[load]

/** Every station sends its next CALL as soon as the last is answered. `null`: not for this server. */
export const measureLoop = async (
  subject: Subject,
  load: LoadName,
  { warmUpS, seconds }: Options,
): Promise<Measured | null> => {
  const program = programOf(subject.name, load)
  if (program === null) return null
  await subject.tellServer({ do: 'block' })
  const result = await subject.tellGenerator<LoadResult>({
    do: 'closed',
    program,
    warmUpS,
    seconds,
    serverPid: subject.server.pid,
  })
  return { ...result, blockMs: await subject.tellServer<number>({ do: 'block' }) }
}

/** What was acknowledged beside what is in the books; `null` for a server that keeps none. */
export const auditOf = async (subject: Subject): Promise<string | null> => {
  if (subject.name !== 'busbar') return null
  const { acknowledged } = await subject.report()
  const books = await subject.tellServer<Books>({ do: 'books' })
  const samples = acknowledged.reduce((sum, [, number]) => sum + number - FIRST_NUMBER, 0)
  return (
    `busbar: ${whole(samples)} meter values and starts were acknowledged, ` +
    `${whole(books.samplesKept)} sets of samples and ${whole(books.framesKept)} of ` +
    `${whole(books.frames)} frames are in its database`
  )
}

const rateOf = ({ messages, seconds }: Measured): number => messages / seconds
const serverUs = ({ serverCpuS, messages }: Measured): number => (serverCpuS / messages) * 1e6
const generatorUs = ({ generatorCpuS, messages }: Measured): number =>
  (generatorCpuS / messages) * 1e6

const HEAD = [
  'server',
  'messages/s',
  'by round, thousands',
  'server us/msg',
  'generator us/msg',
  'RSS MB',
  'block ms',
  'foreign',
  'of echo',
  'of ocpp-rpc',
]

export const printLoops = (options: Options, { load, series }: Loop): void => {
  print(`\n${load}, closed loop, ${whole(options.stations)} stations, ${options.protocol}`)
  const of = (server: ServerName) => series.find((one) => one.server === server)
  const rows = series.map((own) => {
    const { server, rounds } = own
    return [
      server,
      whole(middle(rounds, rateOf)),
      rounds.map((round) => (rateOf(round) / 1000).toFixed(1)).join(' '),
      middle(rounds, serverUs).toFixed(1),
      middle(rounds, generatorUs).toFixed(1),
      Math.max(...rounds.map((round) => round.serverMb)).toFixed(0),
      Math.max(...rounds.map((round) => round.blockMs)).toFixed(0),
      Math.max(...rounds.map((round) => round.foreignCores)).toFixed(2),
      ratioTo(of('echo'), own, rateOf),
      ratioTo(of('ocpp-rpc'), own, rateOf),
    ]
  })
  printTable(HEAD, rows)
  warnOfForeign(series.flatMap(({ rounds }) => rounds.map((round) => round.foreignCores)))
}

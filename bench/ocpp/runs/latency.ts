import { print, printTable, whole } from '../../support/table.ts'
import type { RateResult } from '../generator/loads.ts'
import type { Options } from '../options.ts'
import type { Subject } from '../subject.ts'
import { middle, warnOfForeign, type Series } from './common.ts'

interface Measured extends RateResult {
  readonly blockMs: number
}

/** One rate on all servers that answer. */
export interface Latency {
  readonly rate: number
  readonly series: readonly Series<Measured>[]
}

/** Open loop: how long meter values wait for their answer at a fixed rate. */
export const measureLatency = async (
  subject: Subject,
  rate: number,
  { warmUpS, seconds }: Options,
): Promise<Measured> => {
  await subject.tellServer({ do: 'block' })
  const result = await subject.tellGenerator<RateResult>({
    do: 'open',
    rate,
    program: ['meter'],
    warmUpS,
    seconds,
    serverPid: subject.server.pid,
  })
  return { ...result, blockMs: await subject.tellServer<number>({ do: 'block' }) }
}

const HEAD = [
  'server',
  'p50 ms',
  'p99 ms',
  'p99 by round',
  'max ms',
  'sent late p99 ms',
  'server us/msg',
  'RSS MB',
  'block ms',
  'foreign',
]

export const printLatencies = (options: Options, { rate, series }: Latency): void => {
  const { stations, protocol } = options
  print(`\nmeter, open loop at ${whole(rate)}/s, ${whole(stations)} stations, ${protocol}`)
  const rows = series.map(({ server, rounds }) => [
    server,
    middle(rounds, (round) => round.p50Ms).toFixed(1),
    middle(rounds, (round) => round.p99Ms).toFixed(1),
    rounds.map((round) => round.p99Ms.toFixed(1)).join(' '),
    Math.max(...rounds.map((round) => round.maxMs)).toFixed(1),
    middle(rounds, (round) => round.lateP99Ms).toFixed(1),
    middle(rounds, (round) => (round.serverCpuS / round.messages) * 1e6).toFixed(1),
    Math.max(...rounds.map((round) => round.serverMb)).toFixed(0),
    Math.max(...rounds.map((round) => round.blockMs)).toFixed(0),
    Math.max(...rounds.map((round) => round.foreignCores)).toFixed(2),
  ])
  printTable(HEAD, rows)
  warnOfForeign(series.flatMap(({ rounds }) => rounds.map((round) => round.foreignCores)))
}

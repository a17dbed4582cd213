import type { LoadResult } from '../generator/loads.ts'
import type { Kind } from '../generator/messages.ts'
import { FIRST_NUMBER } from '../generator/station.ts'
import type { LoadName, Options, ServerName } from '../options.ts'
import type { Books } from '../servers/serve.ts'
import { mustBeFlawless, startSubject, type Subject } from '../subject.ts'
import { inTransaction, undisturbed } from './common.ts'
import { mean } from '../../support/quantile.ts'
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
  readonly server: ServerName
  readonly load: LoadName
  readonly blockMs: number
}

const program = (server: ServerName, load: LoadName): readonly Kind[] | null =>
  server === 'echo' ? forEcho(load) : PROGRAMS[load]

const measure = async (
  subject: Subject,
  load: LoadName,
  options: Options,
): Promise<Measured | null> => {
  const kinds = program(subject.name, load)
  if (kinds === null) return null
  return await undisturbed(async () => {
    await subject.tellServer({ do: 'block' })
    const result = await subject.tellGenerator<LoadResult>({
      do: 'closed',
      program: kinds,
      warmUpS: options.warmUpS,
      seconds: options.seconds,
      serverPid: subject.server.pid,
    })
    const blockMs = await subject.tellServer<number>({ do: 'block' })
    return { ...result, server: subject.name, load, blockMs }
  })
}

/** Everything that was acknowledged must be in the books of a server that keeps any. */
const auditOf = async (subject: Subject): Promise<string | null> => {
  const { acknowledged } = await mustBeFlawless(subject)
  if (subject.name !== 'busbar') return null
  const books = await subject.tellServer<Books>({ do: 'books' })
  const samples = acknowledged.reduce((sum, [, number]) => sum + number - FIRST_NUMBER, 0)
  return (
    `busbar kept ${whole(books.framesKept)} of ${whole(books.frames)} frames, and ` +
    `${whole(books.samplesKept)} sets of samples (highest numbers add up to ${whole(samples)})`
  )
}

/** Closed loop: capacity, and what a message costs. */
export const runLoops = async (options: Options, folder: string): Promise<void> => {
  const results: Measured[] = []
  for (let round = 1; round <= options.rounds; round++) {
    for (const name of options.servers) {
      const subject = await startSubject(name, options, folder, options.stations)
      try {
        await inTransaction(subject, options.stations)
        for (const load of options.loads) {
          const measured = await measure(subject, load, options)
          if (measured) results.push(measured)
        }
        const audit = await auditOf(subject)
        if (audit !== null) print(`round ${round}: ${audit}`)
      } finally {
        await subject.stop()
      }
    }
  }
  printResults(options, results)
}

const printResults = (options: Options, results: readonly Measured[]): void => {
  for (const load of options.loads) {
    const rows = results.filter((result) => result.load === load)
    const rate = (server: ServerName): number =>
      mean(rows.filter((row) => row.server === server).map((row) => row.messages / row.seconds))
    print(`\n${load}, closed loop, ${options.stations} stations, ${options.protocol}`)
    printTable(
      [
        'server',
        'messages/s',
        'by round',
        'server us/msg',
        'generator us/msg',
        'RSS MB',
        'block ms',
        'foreign',
        'of echo',
        'of ocpp-rpc',
      ],
      options.servers.flatMap((server) => {
        const own = rows.filter((row) => row.server === server)
        if (own.length === 0) return []
        const us = (pick: (row: Measured) => number): string =>
          (mean(own.map((row) => pick(row) / row.messages)) * 1e6).toFixed(1)
        const ratio = (other: ServerName): string => {
          const share = rate(server) / rate(other)
          return Number.isNaN(share) ? '-' : share.toFixed(2)
        }
        return [
          [
            server,
            whole(rate(server)),
            own.map((row) => (row.messages / row.seconds / 1000).toFixed(1)).join(' '),
            us((row) => row.serverCpuS),
            us((row) => row.generatorCpuS),
            Math.max(...own.map((row) => row.serverMb)).toFixed(0),
            Math.max(...own.map((row) => row.blockMs)).toFixed(0),
            Math.max(...own.map((row) => row.foreignCores)).toFixed(2),
            ratio('echo'),
            ratio('ocpp-rpc'),
          ],
        ]
      }),
    )
  }
}

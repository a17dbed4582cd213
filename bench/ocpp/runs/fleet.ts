import { print, printTable, whole } from '../../support/table.ts'
import type { Arrival } from '../generator/fleet.ts'
import { identityOf } from '../generator/fleet.ts'
import type { Cost } from '../generator/meter.ts'
import type { Options, ServerName } from '../options.ts'
import type { FanOut, Memory } from '../servers/serve.ts'
import { mustBeFlawless, startSubject, type Subject } from '../subject.ts'
import { settled, warnOfForeign } from './common.ts'

/** Stations that open at the same time in the gentle storm. */
const OPENING = 400

type Storm = Arrival & Cost & { readonly opening: number }

interface Measured {
  readonly server: ServerName
  readonly before: Memory
  readonly after: Memory
  readonly storms: readonly Storm[]
  readonly fanOuts: readonly FanOut[]
}

/** A fleet that comes (back): TCP, upgrade, boot and status of every station, all answered. */
const storm = async (subject: Subject, count: number, opening: number): Promise<Storm> => ({
  ...(await subject.arrive({ count, opening, hello: ['boot', 'status'] })),
  opening,
})

/** A limit to every station at once, validated in both directions, until the last has answered. */
const fanOut = async (subject: Subject, count: number): Promise<FanOut> => {
  const identities = Array.from({ length: count }, (_, index) => identityOf(index))
  const result = await subject.tellServer<FanOut>({ do: 'fan-out', identities })
  if (result.failed === 0) return result
  throw new Error(`${subject.name}: ${result.failed} limits were not taken`)
}

const measure = async (subject: Subject, options: Options): Promise<Measured> => {
  const { fleet, modes, rounds } = options
  const storms: Storm[] = []
  const fanOuts: FanOut[] = []
  const before = await subject.tellServer<Memory>({ do: 'memory' })
  storms.push(await storm(subject, fleet, Math.min(OPENING, fleet)))
  await settled(subject)
  const after = await subject.tellServer<Memory>({ do: 'memory' })
  if (modes.includes('fan-out') && subject.name !== 'echo') {
    // Once for the compiler.
    await fanOut(subject, fleet)
    for (let round = 0; round < rounds; round++) fanOuts.push(await fanOut(subject, fleet))
  }
  await mustBeFlawless(subject)
  if (modes.includes('storm')) {
    await subject.tellGenerator({ do: 'leave' })
    storms.push(await storm(subject, fleet, fleet))
    await mustBeFlawless(subject)
  }
  return { server: subject.name, before, after, storms, fanOuts }
}

/** Many stations: what a connection costs, how fast all come back, how fast all are limited. */
export const runFleet = async (options: Options, folder: string): Promise<void> => {
  const results: Measured[] = []
  for (const name of options.servers) {
    const subject = await startSubject(name, options, folder, options.fleet)
    try {
      results.push(await measure(subject, options))
    } finally {
      await subject.stop()
    }
  }
  if (options.modes.includes('memory')) printMemory(options, results)
  if (options.modes.includes('storm')) printStorms(options, results)
  if (options.modes.includes('fan-out')) printFanOuts(options, results)
}

const titleOf = (what: string, { fleet, protocol }: Options): string =>
  `\n${what}, ${whole(fleet)} stations, ${protocol}`

const printMemory = (options: Options, results: readonly Measured[]): void => {
  print(titleOf('idle connections after the boot and a garbage collection', options))
  const rows = results.map(({ server, before, after }) => {
    const eachKb = (pick: (memory: Memory) => number): string =>
      (((pick(after) - pick(before)) * 1024) / options.fleet).toFixed(1)
    return [
      server,
      before.residentMb.toFixed(0),
      after.residentMb.toFixed(0),
      eachKb((memory) => memory.residentMb),
      eachKb((memory) => memory.heapMb),
    ]
  })
  printTable(['server', 'MB before', 'MB after', 'KB each', 'heap KB each'], rows)
}

const printStorms = (options: Options, results: readonly Measured[]): void => {
  print(titleOf('storm', options))
  const answering = results.filter(({ server }) => server !== 'echo')
  const rows = answering.flatMap(({ server, storms }) =>
    storms.map((one) => [
      server,
      one.opening === options.fleet ? 'all' : String(one.opening),
      one.wallS.toFixed(2),
      one.p50S.toFixed(2),
      one.p99S.toFixed(2),
      one.serverCpuS.toFixed(2),
      ((one.serverCpuS / options.fleet) * 1000).toFixed(2),
      one.generatorCpuS.toFixed(2),
      one.foreignCores.toFixed(2),
    ]),
  )
  const head = ['server', 'opening', 'wall s', 'p50 s', 'p99 s', 'server CPU s']
  printTable([...head, 'ms each', 'generator CPU s', 'foreign'], rows)
  warnOfForeign(answering.flatMap(({ storms }) => storms.map((one) => one.foreignCores)))
}

const printFanOuts = (options: Options, results: readonly Measured[]): void => {
  print(titleOf('SetChargingProfile to all', options))
  const rows = results.flatMap(({ server, fanOuts }) =>
    fanOuts.map(({ wallMs, p50Ms, p99Ms }) => [
      server,
      wallMs.toFixed(0),
      p50Ms.toFixed(0),
      p99Ms.toFixed(0),
    ]),
  )
  printTable(['server', 'all answered ms', 'p50 ms', 'p99 ms'], rows)
}

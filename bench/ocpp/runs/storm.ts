import { print, printTable } from '../../support/table.ts'
import type { Options } from '../options.ts'
import { mustBeFlawless, startSubject } from '../subject.ts'

/** Stations that open at the same time; the second number is that of all of them. */
const OPENING = 400

/** A fleet that comes back: TCP, upgrade, boot and status of every station, all answered. */
export const runStorm = async (options: Options, folder: string): Promise<void> => {
  const rows: string[][] = []
  const servers = options.servers.filter((name) => name !== 'echo')
  for (const opening of [Math.min(OPENING, options.fleet), options.fleet]) {
    for (const name of servers) {
      const subject = await startSubject(name, options, folder, options.fleet)
      try {
        const storm = await subject.arrive({
          count: options.fleet,
          opening,
          hello: ['boot', 'status'],
        })
        await mustBeFlawless(subject)
        rows.push([
          name,
          opening === options.fleet ? 'all' : String(opening),
          storm.wallS.toFixed(2),
          storm.p50S.toFixed(2),
          storm.p99S.toFixed(2),
          storm.serverCpuS.toFixed(2),
          ((storm.serverCpuS / options.fleet) * 1000).toFixed(2),
          storm.generatorCpuS.toFixed(2),
          storm.foreignCores.toFixed(2),
        ])
      } finally {
        await subject.stop()
      }
    }
  }
  print(`\nstorm, ${options.fleet} stations, ${options.protocol}`)
  const head = ['server', 'opening', 'wall s', 'p50 s', 'p99 s', 'server CPU s']
  printTable([...head, 'ms each', 'generator CPU s', 'foreign'], rows)
}

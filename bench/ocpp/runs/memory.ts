import { print, printTable } from '../../support/table.ts'
import type { Options } from '../options.ts'
import type { Memory } from '../servers/serve.ts'
import { mustBeFlawless, startSubject } from '../subject.ts'

/** Memory per idle connection: after the boot and a garbage collection, over the same before. */
export const runMemory = async (options: Options, folder: string): Promise<void> => {
  const rows: string[][] = []
  for (const name of options.servers) {
    const subject = await startSubject(name, options, folder, options.fleet)
    try {
      const before = await subject.tellServer<Memory>({ do: 'memory' })
      await subject.arrive({ count: options.fleet, opening: 400, hello: ['boot', 'status'] })
      await subject.tellGenerator({ do: 'rest', quietS: 3, atMostS: 180 })
      await mustBeFlawless(subject)
      const after = await subject.tellServer<Memory>({ do: 'memory' })
      const eachKb = (pick: (memory: Memory) => number): string =>
        (((pick(after) - pick(before)) * 1024) / options.fleet).toFixed(1)
      rows.push([
        name,
        before.residentMb.toFixed(0),
        after.residentMb.toFixed(0),
        eachKb((memory) => memory.residentMb),
        eachKb((memory) => memory.heapMb),
      ])
    } finally {
      await subject.stop()
    }
  }
  print(`\nidle connections, ${options.fleet} stations, ${options.protocol}`)
  printTable(['server', 'MB before', 'MB after', 'KB each', 'heap KB each'], rows)
}

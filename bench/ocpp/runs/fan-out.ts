import { print, printTable } from '../../support/table.ts'
import { identityOf } from '../generator/fleet.ts'
import type { Options } from '../options.ts'
import type { FanOut } from '../servers/serve.ts'
import { mustBeFlawless, startSubject } from '../subject.ts'

/** A limit to every station at once, validated in both directions, until the last has answered. */
export const runFanOut = async (options: Options, folder: string): Promise<void> => {
  const rows: string[][] = []
  const identities = Array.from({ length: options.fleet }, (_, index) => identityOf(index))
  for (const name of options.servers.filter((name) => name !== 'echo')) {
    const subject = await startSubject(name, options, folder, options.fleet)
    try {
      await subject.arrive({ count: options.fleet, opening: 400, hello: ['boot', 'status'] })
      await subject.tellGenerator({ do: 'rest', quietS: 3, atMostS: 180 })
      // Once for the compiler.
      await subject.tellServer<FanOut>({ do: 'fan-out', identities })
      for (let round = 1; round <= options.rounds; round++) {
        const result = await subject.tellServer<FanOut>({ do: 'fan-out', identities })
        if (result.failed > 0) throw new Error(`${name}: ${result.failed} limits were not taken`)
        rows.push([
          name,
          result.wallMs.toFixed(0),
          result.p50Ms.toFixed(0),
          result.p99Ms.toFixed(0),
        ])
      }
      await mustBeFlawless(subject)
    } finally {
      await subject.stop()
    }
  }
  print(`\nSetChargingProfile to ${options.fleet} stations, ${options.protocol}`)
  printTable(['server', 'all answered ms', 'p50 ms', 'p99 ms'], rows)
}

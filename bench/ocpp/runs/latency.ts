import { print, printTable, whole } from '../../support/table.ts'
import type { RateResult } from '../generator/loads.ts'
import type { Options, ServerName } from '../options.ts'
import { mustBeFlawless, startSubject } from '../subject.ts'
import { inTransaction, undisturbed } from './common.ts'

interface Measured extends RateResult {
  readonly server: ServerName
  readonly rate: number
  readonly blockMs: number
}

/** Open loop: how long meter values wait for their answer at a fixed rate. */
export const runLatency = async (options: Options, folder: string): Promise<void> => {
  const results: Measured[] = []
  const servers = options.servers.filter((name) => name !== 'echo')
  for (let round = 1; round <= options.rounds; round++) {
    for (const server of servers) {
      const subject = await startSubject(server, options, folder, options.stations)
      try {
        await inTransaction(subject, options.stations)
        for (const rate of options.rates) {
          const result = await undisturbed(async () => {
            await subject.tellServer({ do: 'block' })
            const measured = await subject.tellGenerator<RateResult>({
              do: 'open',
              rate,
              program: ['meter'],
              warmUpS: options.warmUpS,
              seconds: options.seconds,
              serverPid: subject.server.pid,
            })
            return { ...measured, blockMs: await subject.tellServer<number>({ do: 'block' }) }
          })
          results.push({ ...result, server, rate })
        }
        await mustBeFlawless(subject)
      } finally {
        await subject.stop()
      }
    }
  }
  for (const rate of options.rates) {
    print(
      `\nmeter, open loop at ${whole(rate)}/s, ${options.stations} stations, ${options.protocol}`,
    )
    const head = ['server', 'p50 ms', 'p99 ms', 'max ms', 'sent late p99 ms']
    printTable(
      [...head, 'server us/msg', 'RSS MB', 'block ms', 'foreign'],
      results
        .filter((result) => result.rate === rate)
        .map((result) => [
          result.server,
          result.p50Ms.toFixed(1),
          result.p99Ms.toFixed(1),
          result.maxMs.toFixed(1),
          result.lateP99Ms.toFixed(1),
          ((result.serverCpuS / result.messages) * 1e6).toFixed(1),
          result.serverMb.toFixed(0),
          result.blockMs.toFixed(0),
          result.foreignCores.toFixed(2),
        ]),
    )
  }
}

import { Command } from 'commander'
import { resolve } from 'node:path'
import { createLog } from '../app/log.ts'
import { startWorld } from '../app/world.ts'
import { loadConfig } from '../config/load.ts'

interface Options {
  readonly live?: boolean
  readonly ocppUrl: string
  readonly dataDir: string
}

/** A world in which no station has been connected for so long is left over, and ends itself. */
const LONELY_MS = 15 * 60_000

export const simulateCommand = (): Command =>
  new Command('simulate')
    .description('simulate the stations, vehicles and loads of a site')
    .argument('<config>', 'configuration file with a simulation section')
    .option('--live', 'in real time, as clients of a running Busbar')
    .option('--ocpp-url <url>', 'where Busbar listens (--live)', 'ws://127.0.0.1:9000/ocpp')
    .option('--data-dir <folder>', 'for keys of the simulated meters (--live)', '.busbar')
    .action(async (file: string, options: Options) => {
      const loaded = loadConfig(file)
      const log = createLog(loaded.config.log?.level ?? 'info')
      const world = await startWorld(loaded, options.ocppUrl, resolve(options.dataDir), log)
      const stop = async (): Promise<void> => {
        await world.stop()
        process.exit(0)
      }
      process.on('SIGINT', () => void stop())
      process.on('SIGTERM', () => void stop())
      let connectedAtMs = Date.now()
      setInterval(() => {
        const anyone = [...world.scenario.chargePoints.values()].some((point) => point.ready())
        if (anyone) connectedAtMs = Date.now()
        else if (Date.now() - connectedAtMs > LONELY_MS) void stop()
      }, 10_000)
    })

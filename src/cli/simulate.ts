import { Command, InvalidArgumentError } from 'commander'
import { resolve } from 'node:path'
import { createLog } from '../app/log.ts'
import { simulateSite } from '../app/virtual.ts'
import { startWorld } from '../app/world.ts'
import { loadConfig } from '../config/load.ts'
import { formatResult } from '../sim/virtual/report.ts'

interface Options {
  readonly hours: string
  readonly seed?: string
  readonly json?: boolean
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
    .option('--hours <n>', 'length of the run in virtual time', '24')
    .option('--seed <n>', 'same seed, same run (default: that of the configuration)')
    .option('--json', 'print JSON')
    .option('--live', 'in real time, as clients of a running Busbar')
    .option('--ocpp-url <url>', 'where Busbar listens (--live)', 'ws://127.0.0.1:9000/ocpp')
    .option('--data-dir <folder>', 'for keys of the simulated meters (--live)', '.busbar')
    .action(async (file: string, options: Options) => {
      if (options.live) await runLive(file, options)
      else await runOnce(file, options)
    })

/** Virtual time: the production control against simulated stations, as fast as the machine can. */
const runOnce = async (file: string, { hours, seed, json }: Options): Promise<void> => {
  const loaded = loadConfig(file)
  const log = createLog(json ? 'silent' : 'error')
  const result = await simulateSite(
    loaded,
    {
      hours: numberOf('--hours', hours, 0.01, 24 * 366),
      ...(seed === undefined ? {} : { seed: numberOf('--seed', seed, 0, 2 ** 32 - 1) }),
    },
    log,
  )
  const { timeZone, currency } = loaded.config.site
  console.log(json ? JSON.stringify(result) : formatResult(result, timeZone, currency))
}

const numberOf = (name: string, text: string, min: number, max: number): number => {
  const value = Number(text)
  if (Number.isFinite(value) && value >= min && value <= max) return value
  throw new InvalidArgumentError(`${name} must be a number from ${min} to ${max}, not "${text}"`)
}

/** Real time: what surrounds a running Busbar. */
const runLive = async (file: string, options: Options): Promise<void> => {
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
}

import { Command } from 'commander'
import { resolve } from 'node:path'
import type { World } from '../app/world.ts'
import { backtestOptions, type BacktestOptions } from './backtest/options.ts'
import { UsageError } from './failure.ts'
import { jsonOption } from './options.ts'
import { integerFrom, numberFrom } from './parse.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly hours: number
  readonly seed?: number
  readonly json?: boolean
  readonly live?: boolean
  readonly ocppUrl: string
  readonly dataDir: string
}

export const simulateCommand = (terminal: Terminal): Command => {
  const command = new Command('simulate')
    .description('simulate a site, or replay recorded sessions and compare algorithms')
    .argument(
      '[config]',
      'configuration file; with a simulation section unless --sessions is given',
    )
    .option('--hours <n>', 'length of the run in virtual time', numberFrom(0.01, 24 * 366), 24)
    .option(
      '--seed <n>',
      'same seed, same run (default: that of the configuration)',
      integerFrom(0, 2 ** 32 - 1),
    )
    .addOption(jsonOption())
    .option('--live', 'in real time, as clients of a running Busbar')
    .option('--ocpp-url <url>', 'where Busbar listens (--live)', 'ws://127.0.0.1:9000/ocpp')
    .option('--data-dir <folder>', 'for keys of the simulated meters (--live)', '.busbar')
    .addHelpText('after', EXAMPLES)
  const own = backtestOptions()
  for (const option of own) command.addOption(option)
  return command.action(async (config: string | undefined, options: Options & BacktestOptions) => {
    if (options.sessions !== undefined) {
      const { runBacktest } = await import('./backtest/backtest.ts')
      await runBacktest(config, options, terminal)
      return
    }
    const stray = own.find(
      (option) => command.getOptionValueSource(option.attributeName()) === 'cli',
    )
    if (stray) throw new UsageError(`${stray.long} goes with --sessions`)
    const file = config ?? missing()
    if (options.live) await runLive(file, options, terminal)
    else await runOnce(file, options, terminal)
  })
}

const missing = (): never => {
  throw new UsageError('name the configuration of a site, or recorded sessions: --sessions FILE')
}

const EXAMPLES = `
Examples:
  busbar simulate config/depot.yaml --hours 24 --seed 1
  busbar sessions --export > sessions.csv
  busbar simulate config/depot.yaml --sessions sessions.csv --knowledge forecast --html report.html
  busbar simulate --sessions acn.csv --network network_caltech.json --capacity 30 --pilots continuous`

/** Virtual time: the production control against simulated stations, as fast as the machine can. */
const runOnce = async (
  file: string,
  { hours, seed, json }: Options,
  terminal: Terminal,
): Promise<void> => {
  const { loadConfig } = await import('../config/load.ts')
  const { createLog } = await import('../app/log.ts')
  const { simulateSite } = await import('../app/virtual.ts')
  const { formatResult } = await import('../sim/virtual/report.ts')
  const loaded = loadConfig(file, terminal.env)
  const log = createLog(json ? 'silent' : 'error')
  const result = await simulateSite(loaded, { hours, ...(seed === undefined ? {} : { seed }) }, log)
  const { timeZone, currency } = loaded.config.site
  if (json) terminal.json(result)
  else terminal.out(formatResult(result, timeZone, currency))
}

/** Real time: what surrounds a running Busbar, until somebody ends it. */
const runLive = async (file: string, options: Options, terminal: Terminal): Promise<void> => {
  const { stopRequested } = await import('./serve/stop-request.ts')
  const asked = stopRequested()
  const { loadConfig } = await import('../config/load.ts')
  const { createLog } = await import('../app/log.ts')
  const { startWorld } = await import('../app/world.ts')
  const loaded = loadConfig(file, terminal.env)
  const log = createLog(loaded.config.log?.level ?? 'info')
  const world = await startWorld(loaded, options.ocppUrl, resolve(options.dataDir), log)
  await Promise.race([asked, leftAlone(world)])
  await world.stop()
}

/** A world in which no station has been connected for so long is left over, and ends itself. */
const LONELY_MS = 15 * 60_000
const LOOK_EVERY_MS = 10_000

const leftAlone = (world: World): Promise<void> =>
  new Promise((resolve) => {
    let connectedAtMs = Date.now()
    const timer = setInterval(() => {
      const anyone = [...world.scenario.chargePoints.values()].some((point) => point.ready())
      if (anyone) connectedAtMs = Date.now()
      if (Date.now() - connectedAtMs < LONELY_MS) return
      clearInterval(timer)
      resolve()
    }, LOOK_EVERY_MS)
  })

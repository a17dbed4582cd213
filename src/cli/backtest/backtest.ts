import { writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { backtest, type BacktestSettings } from '../../app/backtest.ts'
import { loadConfig } from '../../config/load.ts'
import { Failure, UsageError } from '../failure.ts'
import { csvFormatOf } from '../options.ts'
import { readText } from '../read-text.ts'
import type { Terminal } from '../terminal.ts'
import { htmlReport } from './html/page.ts'
import { jsonReport } from './json.ts'
import type { BacktestOptions } from './options.ts'
import { textReport } from './text.ts'

/** `busbar simulate --sessions`. */
export const runBacktest = async (
  config: string | undefined,
  options: BacktestOptions,
  terminal: Terminal,
): Promise<void> => {
  const settings = settingsOf(config, options, terminal)
  const result = await backtest(settings, (algorithm) => {
    if (terminal.isInteractive && !options.json) terminal.err(`... ${algorithm}`)
  })
  for (const note of result.notes) terminal.err(`note: ${note}`)
  if (options.html !== undefined) write(options.html, htmlReport(settings, result))
  if (options.json) terminal.json(jsonReport(settings, result))
  else terminal.out(textReport(settings, result))
}

const named = (file: string): { name: string; text: string } => ({
  name: file === '-' ? 'standard input' : basename(file),
  text: readText(file),
})

const networkOf = (
  config: string | undefined,
  { network, capacity }: BacktestOptions,
  terminal: Terminal,
): BacktestSettings['network'] => {
  if (config !== undefined && network !== undefined) {
    throw new UsageError('a configuration and --network both say what sessions are charged through; give one') // prettier-ignore
  }
  if (config !== undefined) return { site: loadConfig(config, terminal.env) }
  if (network !== undefined) return { acn: named(network) }
  if (capacity !== undefined) return 'power'
  throw new UsageError(
    'say what the sessions are charged through: a configuration, --network FILE or --capacity KW',
  )
}

const settingsOf = (
  config: string | undefined,
  options: BacktestOptions,
  terminal: Terminal,
): BacktestSettings => {
  const { tariff, goal, revenue, prices } = options
  if (tariff === undefined && goal === 'cost') throw new UsageError('--goal cost needs a --tariff')
  if (tariff === undefined && revenue !== undefined) {
    throw new UsageError('--revenue is set against costs; give a --tariff as well')
  }
  if (tariff === undefined && prices !== undefined) {
    throw new UsageError('--prices are those of the market that a --tariff follows; give that as well') // prettier-ignore
  }
  const network = networkOf(config, options, terminal)
  return {
    sessions: named(options.sessions),
    format: csvFormatOf(options),
    month: options.month ?? null,
    network,
    capacityKw: options.capacity ?? null,
    tariff: tariff ?? null,
    prices: prices === undefined ? null : named(prices),
    timeZone: options.timeZone ?? null,
    algorithms: options.algorithms,
    stepS: options.step * 60,
    pilots: options.pilots,
    maxChanges: options.maxChanges ?? null,
    knowledge: options.knowledge,
    goal: goal ?? null,
    revenuePerKwh: revenue ?? null,
    vehicleW: options.vehicleKw === undefined ? null : options.vehicleKw * 1000,
  }
}

const write = (file: string, text: string): void => {
  try {
    writeFileSync(file, text)
  } catch (error) {
    throw new Failure('unwritable', `${file} cannot be written: ${(error as Error).message}`)
  }
}

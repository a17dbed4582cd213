import { Command, Option } from 'commander'
import type { ScoreRequest } from './forecast/score.ts'
import { csvOptions, jsonOption } from './options.ts'
import { integerFrom, timeMs } from './parse.ts'
import type { Terminal } from './terminal.ts'

type Options = Omit<ScoreRequest, 'config'> & { readonly json?: boolean }

/** Where the forecasts come from: one of these, else what the site wrote down. */
const SOURCES = ['history', 'sessions', 'load', 'pv']

export const forecastCommand = (terminal: Terminal): Command =>
  new Command('forecast')
    .description('what was likely, and what came')
    .addCommand(scoreCommand(terminal))

const scoreCommand = (terminal: Terminal): Command => {
  const command = new Command('score')
    .description('score forecasts against what happened, beside a simple rule')
    .argument('[config]', 'configuration of the site, whose database is read; Busbar may run')
    .addOption(source('--history', 'what the models would have said of stored readings, sessions'))
    .addOption(source('--sessions <csv>', 'the same of recorded sessions; - is standard input'))
    .addOption(source('--load <csv>', 'the same of a metered load'))
    .addOption(source('--pv <csv>', 'the same of what a PV plant gave'))
    .option('--time-zone <name>', 'of a file (default: that of the configuration)')
    .option(
      '--holidays <list>',
      'of a file: us-federal, de, ... (default: that of the configuration)',
    )
    .option('--column <name>', 'of a metered series (default: the first after the time)')
    .option('--year <year>', 'of a metered series whose times have none', integerFrom(1970, 2200))
    .option('--from <time>', 'only forecasts that were made from then on', timeMs)
    .option('--to <time>', 'only forecasts that were made before', timeMs)
    .addOption(jsonOption())
    .addHelpText('after', EXAMPLES)
  for (const option of csvOptions()) command.addOption(option)
  return command.action(async (config: string | undefined, { json, ...options }: Options) => {
    const { scoreAs } = await import('./forecast/score.ts')
    const { rows, text } = await scoreAs({ ...options, config }, terminal)
    if (json) terminal.json(rows)
    else terminal.out(text)
  })
}

const EXAMPLES = `
Examples:
  busbar forecast score config/depot.yaml
  busbar forecast score config/depot.yaml --history --from 2026-11-01T00:00
  busbar forecast score --sessions sessions.csv --time-zone America/Los_Angeles --holidays us-federal`

const source = (flags: string, description: string): Option => {
  const option = new Option(flags, description)
  return option.conflicts(SOURCES.filter((name) => name !== option.attributeName()))
}

import { Command, InvalidArgumentError } from 'commander'
import { UsageError } from './failure.ts'
import type { CsvFormat } from '../net/csv.ts'
import { csvFormatOf, csvOptions, jsonOption } from './options.ts'
import { integerFrom, numberFrom } from './parse.ts'
import { readText } from './read-text.ts'
import type { Terminal } from './terminal.ts'

interface Options extends CsvFormat {
  readonly json?: boolean
  readonly billingDay?: number
  readonly contracted?: Readonly<Record<string, number>>
}

export const costCommand = (terminal: Terminal): Command => {
  const command = new Command('cost')
    .description('what metered energy costs under a tariff')
    .argument('<tariff>', 'tariff file, or the id of a tariff that comes with Busbar')
    .argument('<csv>', 'metered energy; - reads standard input')
    .option('--billing-day <day>', 'first day of a billing period, 1 to 28', integerFrom(1, 28))
    .option(
      '--contracted <name=kW>',
      'power of a subscription of the tariff (repeatable)',
      contracted,
    )
    .addOption(jsonOption())
  for (const option of csvOptions()) command.addOption(option)
  return command.action(async (tariff: string, csv: string, options: Options) => {
    const text = readText(csv)
    const { costReport } = await import('../tariffs/report.ts')
    const { billingDay, contracted } = options
    if (contracted) await mustBeThere(Object.keys(contracted), tariff)
    const report = await costReport(
      tariff,
      text,
      {
        ...(billingDay === undefined ? {} : { billingDay }),
        ...(contracted === undefined ? {} : { contractedKw: contracted }),
      },
      csvFormatOf(options),
    )
    if (options.json) terminal.json(report.json)
    else terminal.out(report.text.trimEnd())
  })
}

const contracted = (text: string, earlier: Record<string, number> = {}): Record<string, number> => {
  const [, name, kw] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (name === undefined)
    throw new InvalidArgumentError('Give NAME=KW, such as "Potencia punta=5".')
  return { ...earlier, [name]: numberFrom(0, 1e6)(kw) }
}

/** A name that is not in the tariff would change nothing, and nobody would notice. */
const mustBeThere = async (names: readonly string[], tariff: string): Promise<void> => {
  const { loadTariff } = await import('../tariffs/load.ts')
  const { subscriptions = [] } = (await loadTariff(tariff)).file
  const known = subscriptions.map(({ name }) => name)
  const stranger = names.find((name) => !known.includes(name))
  if (stranger === undefined) return
  const there = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`
  throw new UsageError(`${tariff} has no subscription "${stranger}"; ${there}`)
}

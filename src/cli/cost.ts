import { Command, InvalidArgumentError } from 'commander'
import { readFileSync } from 'node:fs'
import { Failure } from './failure.ts'
import { jsonOption } from './options.ts'
import { integerFrom, numberFrom } from './parse.ts'
import type { Terminal } from './terminal.ts'

interface Options {
  readonly json?: boolean
  readonly billingDay?: number
  readonly contracted?: Readonly<Record<string, number>>
}

export const costCommand = (terminal: Terminal): Command =>
  new Command('cost')
    .description('what metered energy costs under a tariff')
    .argument('<tariff>', 'tariff file, or the id of a tariff that comes with Busbar')
    .argument('<csv>', 'metered energy; - reads standard input')
    .option('--billing-day <day>', 'first day of a billing period, 1 to 28', integerFrom(1, 28))
    .option('--contracted <id=kW>', 'contracted power of a subscription (repeatable)', contracted)
    .addOption(jsonOption())
    .action(async (tariff: string, csv: string, options: Options) => {
      const text = textOf(csv)
      const { costReport } = await import('../tariffs/report.ts')
      const { billingDay, contracted } = options
      const report = await costReport(tariff, text, {
        ...(billingDay === undefined ? {} : { billingDay }),
        ...(contracted === undefined ? {} : { contractedKw: contracted }),
      })
      if (options.json) terminal.json(report.json)
      else terminal.out(report.text.trimEnd())
    })

const contracted = (text: string, earlier: Record<string, number> = {}): Record<string, number> => {
  const [, id, kw] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (id === undefined) throw new InvalidArgumentError('Give ID=KW, such as grid=50.')
  return { ...earlier, [id]: numberFrom(0, 1e6)(kw) }
}

const textOf = (csv: string): string => {
  try {
    return readFileSync(csv === '-' ? 0 : csv, 'utf8')
  } catch (error) {
    const { message } = error as Error
    throw new Failure('unreadable', `${csv === '-' ? 'standard input' : csv} cannot be read: ${message}`) // prettier-ignore
  }
}

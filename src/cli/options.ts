import { Command, InvalidArgumentError, Option } from 'commander'
import type { CsvFormat } from '../net/csv.ts'

/** What every command that asks a running Busbar takes. */
export interface ApiOptions {
  readonly url?: string
  readonly token?: string
  readonly json?: boolean
}

export const CONNECTION = 'Which Busbar:'

export const jsonOption = (): Option => new Option('--json', 'print JSON only')

/** `energy=Energy (kWh),station=Station Name`; names may hold commas. */
const columnMap = (text: string, earlier: CsvFormat['columns'] = {}): CsvFormat['columns'] => {
  const pairs = text.split(/,(?=[^,=]+=)/).map((pair) => {
    const [, column, name] = /^\s*([^=]+?)\s*=\s*(.+?)\s*$/.exec(pair) ?? []
    if (column !== undefined) return [column, name] as const
    throw new InvalidArgumentError('Give COLUMN=NAME, such as "energy=Energy (kWh)".')
  })
  return { ...earlier, ...Object.fromEntries(pairs) }
}

/** What a CSV file does not say itself (`CsvFormat`). */
export const csvOptions = (): Option[] => [
  new Option('--columns <column=name>', 'what the file calls its columns (repeatable)').argParser(
    columnMap,
  ),
  new Option('--decimal <sign>', 'decimal sign of the file, point or comma').choices(['.', ',']),
  new Option('--dates <order>', 'day or month first in dates with slashes').choices(['dmy', 'mdy']),
]

export const csvFormatOf = ({ columns, decimal, dates }: CsvFormat): CsvFormat => ({
  ...(columns && { columns }),
  ...(decimal && { decimal }),
  ...(dates && { dates }),
})

/** Where Busbar answers, and who asks. */
export const connectionOptions = (): Option[] => [
  new Option('--url <url>', 'address of Busbar (else BUSBAR_URL, else .busbar/cli.json)'),
  new Option('--token <token>', 'API token (else BUSBAR_TOKEN, else .busbar/cli.json)'),
]

/** A command that asks a running Busbar over its API. */
export const apiCommand = (name: string, description: string): Command => {
  const command = new Command(name).description(description).addOption(jsonOption())
  for (const option of connectionOptions()) command.addOption(option.helpGroup(CONNECTION))
  return command
}

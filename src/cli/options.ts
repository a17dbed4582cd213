import { Command, Option } from 'commander'

/** What every command that asks a running Busbar takes. */
export interface ApiOptions {
  readonly url?: string
  readonly token?: string
  readonly json?: boolean
}

export const CONNECTION = 'Which Busbar:'

export const jsonOption = (): Option => new Option('--json', 'print JSON only')

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

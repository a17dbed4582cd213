import { Option, type Command } from 'commander'
import { EXIT, Exit, UsageError } from '../failure.ts'
import { apiCommand, type ApiOptions } from '../options.ts'
import { numberFrom } from '../parse.ts'
import type { Terminal } from '../terminal.ts'
import type { Times } from '../text.ts'
import type { Sending } from './by-mqtt.ts'
import type { Outcome } from './outcome.ts'
import { isFollowed, stepText } from './steps.ts'
import type { UtilityOptions } from './utility.ts'

/** What every `busbar event` command takes: the API, or a broker and whose utility we are. */
export interface EventOptions extends ApiOptions {
  readonly mqtt?: string
  readonly mqttVersion: '4' | '5'
  readonly prefix: string
  readonly operator?: string
  readonly party?: string
  readonly username?: string
  readonly password?: string
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

export const BROKER = 'As a utility over MQTT:'

/** A command that goes over the API unless `--mqtt` is given. */
export const eventCommandOf = (name: string, description: string): Command => {
  const options = [
    new Option('--mqtt <url>', 'broker, such as mqtts://broker.example:8883'),
    new Option('--operator <name>', 'whose events: second part of the topics'),
    new Option('--party <name>', 'for whom: third part of the topics'),
    new Option('--prefix <topic>', 'first part of the topics').default('gs/v1'),
    new Option('--mqtt-version <version>', '5, or 4 for MQTT 3.1.1')
      .choices(['4', '5'])
      .default('5'),
    new Option('--username <name>', 'for the broker'),
    new Option('--password <password>', 'for the broker (else BUSBAR_MQTT_PASSWORD)'),
    new Option('--ca <file>', "authority of the broker's certificate, PEM"),
    new Option('--cert <file>', 'our certificate, PEM'),
    new Option('--key <file>', 'its key, PEM'),
  ]
  const command = apiCommand(name, description)
  for (const option of options) command.addOption(option.helpGroup(BROKER))
  return command
}

export const waitOption = (): Option =>
  new Option('--wait <seconds>', 'for acknowledgements')
    .argParser(numberFrom(0, 86_400))
    .default(10)

/** The utility that the options speak of; `null` = they speak of the API. */
export const utilityOf = (options: EventOptions, { env }: Terminal): UtilityOptions | null => {
  const { mqtt, operator, party, prefix, username, ca, cert, key } = options
  const password = options.password ?? env['BUSBAR_MQTT_PASSWORD']
  if (mqtt === undefined) {
    if (operator !== undefined || party !== undefined) {
      throw new UsageError('--operator and --party belong to --mqtt; give the broker as well')
    }
    return null
  }
  if (operator === undefined || party === undefined) {
    throw new UsageError('--mqtt needs --operator and --party: they are part of the topics')
  }
  return {
    url: mqtt,
    version: options.mqttVersion === '4' ? 4 : 5,
    prefix,
    operator,
    party,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  }
}

/** How an event is sent and what is said meanwhile; nothing but the outcome with `--json`. */
export const sendingOf = (
  { wait, json }: { readonly wait: number; readonly json?: boolean },
  way: string,
  times: Times,
  terminal: Terminal,
): Sending => ({
  waitMs: wait * 1_000,
  now: terminal.now,
  announce: (what) => {
    if (!json) terminal.out(`${what}, ${way}`)
  },
  hear: (step) => {
    if (!json) terminal.out(`  ${stepText(step, times)}`)
  },
})

/** Says the outcome; exit code 1 when nobody follows the event. */
export const conclude = (
  { event, steps }: Outcome,
  { wait, json }: { readonly wait: number; readonly json?: boolean },
  silence: string,
  terminal: Terminal,
): void => {
  if (json) terminal.json({ event, acknowledgements: steps })
  else if (steps.length === 0 && wait > 0) {
    terminal.err(`busbar: no acknowledgement within ${wait} s: ${silence}`)
  }
  if (wait > 0 && !isFollowed(steps)) throw new Exit(EXIT.failure)
}

export const SILENT_PARTY =
  'is Busbar connected to this broker, with a signal source of this operator and party?'
export const SILENT_API = 'look at `busbar event list --all`'

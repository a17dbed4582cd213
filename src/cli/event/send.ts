import { Option, type Command } from 'commander'
import { collect, eventId, integerFrom, numberFrom, timeMs } from '../parse.ts'
import type { Terminal } from '../terminal.ts'
import { createTimes, zoneText } from '../text.ts'
import type { Wish } from './draft.ts'
import {
  conclude,
  eventCommandOf,
  sendingOf,
  SILENT_API,
  SILENT_PARTY,
  utilityOf,
  waitOption,
  type EventOptions,
} from './options.ts'

interface Options extends EventOptions {
  readonly limitKw?: number
  readonly limitA?: number
  readonly value?: number
  readonly unit?: Wish['unit']
  readonly currency?: string
  readonly minutes: number
  readonly start?: number
  readonly kind: Wish['kind']
  readonly scope: Wish['scope']
  readonly target?: readonly string[]
  readonly class: Wish['eventClass']
  readonly priority: number
  readonly optOut?: boolean
  readonly id?: string
  readonly modification?: number
  readonly wait: number
}

const KINDS: readonly Wish['kind'][] = [
  'importLimit',
  'exportLimit',
  'setpoint',
  'reduceBy',
  'level',
  'noCharge',
  'price',
  'ghg',
  'socTarget',
]
const SCOPES: readonly Wish['scope'][] = ['controllable', 'connection', 'evse', 'phase']
const UNITS = ['kW', 'A', 'percent', 'level', 'currency/kWh', 'g/kWh']
const CLASSES: readonly Wish['eventClass'][] = [
  'emergency',
  'mandatory',
  'contract',
  'economic',
  'test',
]
const MAX_MINUTES = 400 * 24 * 60
const number = numberFrom(-1e9, 1e9)

const OPTIONS = [
  new Option('--limit-kw <kW>', 'power').argParser(numberFrom(0, 1e6)),
  new Option('--limit-a <A>', 'current').argParser(numberFrom(0, 1e6)),
  new Option('--value <number>', 'in the unit of the kind').argParser(number),
  new Option('--unit <unit>', 'of --value, where a kind has several').choices(UNITS),
  new Option('--currency <code>', 'of a price, ISO 4217'),
  new Option('--minutes <n>', 'how long').argParser(numberFrom(0.02, MAX_MINUTES)).default(15),
  new Option(
    '--start <time>',
    'when, ISO 8601; without an offset by the clock of this machine (default: now)',
  ).argParser(timeMs),
  new Option('--kind <kind>', 'what is said').choices(KINDS).default('importLimit'),
  new Option('--scope <scope>', 'what it is about').choices(SCOPES).default('controllable'),
  new Option(
    '--target <id>',
    'node, station or EVSE (repeatable; default: the whole site)',
  ).argParser(collect),
  new Option('--class <class>', 'how binding it is').choices(CLASSES).default('contract'),
  new Option('--priority <n>', '0 is the highest').argParser(integerFrom(0, 255)).default(100),
  new Option('--opt-out', 'the site may decline'),
  new Option('--id <id>', 'name of the event; one that exists gets a new version').argParser(
    eventId,
  ),
  new Option('--modification <n>', 'its version (--mqtt; default: the next one)').argParser(
    integerFrom(0, Number.MAX_SAFE_INTEGER),
  ),
]

const EXAMPLES = `
Examples:
  busbar event send --limit-kw 20 --minutes 10
  busbar event send --limit-a 6 --scope evse --target GARAGE-1
  busbar event send --kind level --value 2 --minutes 60 --class mandatory
  busbar event send --mqtt mqtt://127.0.0.1:1883 --operator dso --party depot --limit-kw 20`

export const eventSendCommand = (terminal: Terminal): Command => {
  const command = eventCommandOf('send', 'send an event and print its acknowledgements')
  for (const option of OPTIONS) command.addOption(option)
  return command
    .addOption(waitOption())
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => {
      const utility = utilityOf(options, terminal)
      if (utility !== null) {
        const { sendByMqtt } = await import('./by-mqtt.ts')
        const times = createTimes(terminal.now())
        const way = `to ${utility.operator}/${utility.party} (${zoneText(times)})`
        const sending = sendingOf(options, way, times, terminal)
        const outcome = await sendByMqtt(utility, wishOf(options), options, sending)
        conclude(outcome, options, SILENT_PARTY, terminal)
        return
      }
      const { connectApi } = await import('../api/client.ts')
      const { siteTimes } = await import('../api/site-times.ts')
      const { sendByApi } = await import('./by-api.ts')
      const api = connectApi(options, terminal)
      const times = await siteTimes(api, terminal.now())
      const sending = sendingOf(options, 'by the API', times, terminal)
      const outcome = await sendByApi(api, wishOf(options), options.id, sending)
      conclude(outcome, options, SILENT_API, terminal)
    })
}

const wishOf = ({
  start,
  target = [],
  optOut = false,
  class: eventClass,
  ...rest
}: Options): Wish => ({
  ...rest,
  eventClass,
  optOut,
  targets: target,
  ...(start === undefined ? {} : { startMs: start }),
})

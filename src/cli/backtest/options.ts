import { InvalidArgumentError, Option } from 'commander'
import type { AlgorithmName, KnowledgeName } from '../../sim/backtest/names.ts'
import type { PilotRule } from '../../sim/backtest/algorithms/pilots.ts'
import type { CsvFormat } from '../../net/csv.ts'
import { csvOptions } from '../options.ts'
import { integerFrom, namesOf, numberFrom } from '../parse.ts'
import { KNOWS, NAMES } from './words.ts'

/** What `busbar simulate --sessions` takes. */
export interface BacktestOptions extends CsvFormat {
  readonly sessions: string
  readonly month?: string
  readonly network?: string
  readonly capacity?: number
  readonly algorithms: readonly AlgorithmName[]
  readonly pilots: PilotRule
  readonly maxChanges?: number
  readonly knowledge: KnowledgeName
  readonly goal?: 'energy' | 'cost'
  readonly tariff?: string
  readonly prices?: string
  readonly revenue?: number
  readonly vehicleKw?: number
  readonly step: number
  readonly timeZone?: string
  readonly html?: string
  readonly json?: boolean
}

export const GROUP = 'Recorded sessions:'

/** Minutes that divide an hour, so that steps fit the windows of demand charges. */
const STEPS = [1, 5, 10, 15, 30, 60]

const step = (text: string): number => {
  const minutes = Number(text)
  if (STEPS.includes(minutes)) return minutes
  throw new InvalidArgumentError(`Give minutes: one of ${STEPS.join(', ')}.`)
}

const month = (text: string): string => {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(text)) return text
  throw new InvalidArgumentError('Give a month such as 2019-05.')
}

/** `continuous`, `1A` for steps from the minimum on, or a set such as `8,16,24,32`. */
export const pilotRule = (text: string): PilotRule => {
  if (text === 'continuous') return { kind: 'continuous' }
  const stepA = Number(/^(\d+(?:\.\d+)?)A$/i.exec(text)?.[1])
  if (stepA > 0) return { kind: 'steps', stepA }
  const amps = text.split(',').map(Number)
  if (amps.every((value) => value >= 0 && value <= 500) && amps.some((value) => value > 0)) {
    return { kind: 'set', amps }
  }
  throw new InvalidArgumentError('Give continuous, a step such as 1A, or a set such as 8,16,24,32.')
}

const zone = (text: string): string => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone
  } catch {
    throw new InvalidArgumentError('Give an IANA name such as Europe/Amsterdam.')
  }
}

const ALGORITHMS = Object.keys(NAMES) as AlgorithmName[]
const USUAL: readonly AlgorithmName[] = ['uncontrolled', 'rr', 'edf', 'llf', 'busbar', 'optimum']

/** Fresh ones for every command; all but `--sessions` make no sense without it. */
export const backtestOptions = (): Option[] =>
  [
    new Option(
      '--sessions <csv>',
      'replay these (also .gz; - is standard input) and compare algorithms',
    ).conflicts(['hours', 'seed', 'live', 'ocppUrl', 'dataDir']),
    new Option('--month <month>', 'only sessions that begin in it: 2019-05').argParser(month),
    new Option('--network <json>', 'what they are charged through, instead of a configuration'),
    new Option('--capacity <kW>', 'limit of the connection, instead of its own').argParser(
      numberFrom(0.1, 1e6),
    ),
    new Option('--algorithms <names>', `any of ${ALGORITHMS.join(', ')}`)
      .argParser(namesOf(ALGORITHMS))
      .default(USUAL, USUAL.join(',')),
    new Option('--pilots <currents>', 'continuous, steps from the minimum (1A), or 8,16,24,32')
      .argParser(pilotRule)
      .default(pilotRule('1A'), '1A'),
    new Option(
      '--max-changes <n>',
      'on/off changes per session that Busbar may cause (default: of the site, 5)',
    ).argParser(integerFrom(1, 1000)),
    new Option('--knowledge <kind>', 'of those present: the truth, the word of the driver, or the forecasts') // prettier-ignore
      .choices(Object.keys(KNOWS))
      .default('perfect'),
    new Option('--tariff <tariff>', 'file, or id of a tariff that comes with Busbar'),
    new Option('--prices <file>', 'of the market that the tariff follows, CSV or JSON'),
    new Option('--revenue <price>', 'what a kWh is sold for').argParser(numberFrom(0, 1e6)),
    new Option('--goal <goal>', 'least cost (default with a tariff) or most energy').choices([
      'energy',
      'cost',
    ]),
    new Option('--vehicle-kw <kW>', 'the most any vehicle draws').argParser(numberFrom(0.1, 1e4)),
    new Option('--step <minutes>', STEPS.join(', ')).argParser(step).default(5),
    new Option(
      '--time-zone <zone>',
      'of times and days (default: of the site, of the tariff, UTC)',
    ).argParser(zone),
    ...csvOptions(),
    new Option('--html <file>', 'write a report with charts'),
  ].map((option) => option.helpGroup(GROUP))

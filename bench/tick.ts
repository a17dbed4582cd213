import { parseArgs } from 'node:util'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Planning } from '../src/control/controller.ts'
import { createPlanning } from '../src/control/planning/planning.ts'
import { createWorkerPlanner } from '../src/control/planning/planners.ts'
import { createSiteCalendar } from '../src/control/planning/site-calendar.ts'
import { createPrices } from '../src/control/planning/prices.ts'
import { DEFAULT_RULES } from '../src/control/rules.ts'
import { busySeconds, describeMachine } from './support/machine.ts'
import { quantile } from './support/quantile.ts'
import { print, printTable, whole } from './support/table.ts'
import { createTickWorld, type WorldParts } from './tick/world.ts'

const HELP = `npm run bench -- tick [options]

  --evses LIST   sizes of the site (100,1000,10000)
  --ticks N      that are measured (200), after --warm-up N (60)
`

const CONTENT = `
Every EVSE has a session and a vehicle that charges. Each second all site meters are read, a tenth
of the EVSEs measure, the loads of the building swing, two events limit and a third is about to; no
fall of a load is waited out, so nearly half of the grants change. A tick takes the states, merges
events and meters, allocates over the tree, decides and records the grants, and sends what stations
are to be told. "Planned": a plan of the day bounds the grants, and is made anew every 60 ticks. Its
problem is put together after a tick ("ask", the longest), solved in another thread, and turned into
targets between two ticks ("take", the longest). The ticks follow one another without the pause that
they have in life: the collection of garbage falls into them.
`

const OPTIONS = {
  evses: { type: 'string', default: '100,1000,10000' },
  ticks: { type: 'string', default: '200' },
  'warm-up': { type: 'string', default: '60' },
  help: { type: 'boolean', default: false },
} as const

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
  /** Longest time that this thread was kept to begin a plan, and to take over its solution. */
  const longest = { askMs: 0, takeMs: 0 }
  let solvedAtMs = 0
  const planning: Plans = createPlanning({
    site,
    currency: 'EUR',
    view,
    planner: {
      ...planner,
      solve: async (problem) => {
        const solution = await planner.solve(problem)
        solvedAtMs = performance.now()
        return solution
      },
    },
    prices: pricesFrom(clock.now()),
    demand: () => [],
    clock: {
      ...clock,
      after: (delayMs, begin) =>
        clock.after(delayMs, () => {
          const startedMs = performance.now()
          begin()
          longest.askMs = Math.max(longest.askMs, performance.now() - startedMs)
        }),
    },
    storage,
    fabric: {
      ...fabric,
      publish: (change) => {
        if (change.kind === 'plan')
          longest.takeMs = Math.max(longest.takeMs, performance.now() - solvedAtMs)
        fabric.publish(change)
      },
    },
    log,
    everyMs: PLAN_EVERY_MS,
    rules: DEFAULT_RULES,
    settings: { stepS: 900, horizonS: 86_400, defaultEnergyWh: 30_000, defaultStayMs: 28_800_000 },
    calendar: createSiteCalendar('UTC', null),
  })
  return { planner, planning, longest }
}

const firstPlan = async (planning: Plans): Promise<void> => {
  for (let waitedMs = 0; planning.current() === null; waitedMs += 50) {
    if (waitedMs > PATIENCE_MS) throw new Error('The planner has made no plan')
    await new Promise((resume) => setTimeout(resume, 50))
  }
}

/** What the ticks of one site took. */
interface Measured {
  readonly evseCount: number
  readonly withPlan: boolean
  readonly firstMs: number
  /** Ascending. */
  readonly durationsMs: readonly number[]
  /** Of this thread in one tick, on average, garbage collection included. */
  readonly cpuMs: number
  readonly changedGrants: number
  readonly commands: number
  /** Null without plans. */
  readonly longest: { readonly askMs: number; readonly takeMs: number } | null
  /** Of the site with everything that controls it, after a garbage collection. */
  readonly heapMb: number
  readonly foreignCores: number
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const heapMb = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed / 2 ** 20
}

const measure = async (
  evseCount: number,
  withPlan: boolean,
  warmUp: number,
  ticks: number,
): Promise<Measured> => {
  const heapBeforeMb = heapMb()
  let plans: ReturnType<typeof planningOf> | null = null
  const world = createTickWorld(evseCount, warmUp + ticks, (parts) => {
    if (!withPlan) return null
    plans = planningOf(parts)
    return plans.planning
  })
  const { planner, planning, longest } = (plans ?? {}) as Partial<ReturnType<typeof planningOf>>
  await world.controller.load()

  let cpuUs = 0
  const step = async (): Promise<number> => {
    await world.pass()
    const cpu = process.threadCpuUsage()
    const startedMs = performance.now()
    world.controller.tick()
    const elapsedMs = performance.now() - startedMs
    const { user, system } = process.threadCpuUsage(cpu)
    cpuUs += user + system
    return elapsedMs
  }
  const firstMs = await step()
  for (let tick = 1; tick < warmUp; tick++) await step()
  if (planning) await firstPlan(planning)
  if (longest) Object.assign(longest, { askMs: 0, takeMs: 0 })
  const before = world.counts()
  const busyBefore = busySeconds()
  const ownBefore = process.cpuUsage()
  const startedMs = performance.now()
  const durationsMs: number[] = []
  cpuUs = 0
  for (let tick = 0; tick < ticks; tick++) durationsMs.push(await step())
  const seconds = (performance.now() - startedMs) / 1000
  const own = process.cpuUsage(ownBefore)
  const foreignS = busySeconds() - busyBefore - (own.user + own.system) / 1e6
  const { commands, grants } = world.counts()
  const usedMb = heapMb() - heapBeforeMb
  world.end()
  await planner?.stop()
  return {
    evseCount,
    withPlan,
    firstMs,
    durationsMs: durationsMs.toSorted((a, b) => a - b),
    cpuMs: cpuUs / 1000 / ticks,
    changedGrants: (grants - before.grants) / ticks,
    commands: (commands - before.commands) / ticks,
    longest: longest ?? null,
    heapMb: usedMb,
    foreignCores: Math.max(0, foreignS / seconds),
  }
}

const HEAD = [
  'site',
  'median ms',
  'p99 ms',
  'worst ms',
  'first ms',
  'ask ms',
  'take ms',
  'CPU mean ms',
  'grants changed',
  'commands',
  'heap MB',
  'foreign',
]

const cellsOf = (measured: Measured): string[] => [
  `${whole(measured.evseCount)} EVSEs${measured.withPlan ? ', planned' : ''}`,
  quantile(measured.durationsMs, 0.5).toFixed(2),
  quantile(measured.durationsMs, 0.99).toFixed(2),
  quantile(measured.durationsMs, 1).toFixed(2),
  measured.firstMs.toFixed(1),
  measured.longest?.askMs.toFixed(1) ?? '-',
  measured.longest?.takeMs.toFixed(1) ?? '-',
  measured.cpuMs.toFixed(2),
  whole(measured.changedGrants),
  whole(measured.commands),
  measured.heapMb.toFixed(0),
  measured.foreignCores.toFixed(2),
]

/** One control tick of a site whose EVSEs all charge; `--help` lists the options. */
export const run = async (args: readonly string[]): Promise<void> => {
  const { values } = parseArgs({ args: [...args], options: OPTIONS })
  if (values.help) return print(HELP)
  print(`Tick: ${describeMachine()}`)
  const rows: string[][] = []
  for (const evses of values.evses.split(',').map(Number)) {
    for (const withPlan of [false, true]) {
      const { ticks, 'warm-up': warmUp } = values
      rows.push(cellsOf(await measure(evses, withPlan, Number(warmUp), Number(ticks))))
    }
  }
  printTable(HEAD, rows)
  print(CONTENT)
}

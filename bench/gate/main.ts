import { parseArgs } from 'node:util'
import { leastServedFirst, roundRobin } from './rules.ts'
import { failuresOf, scenarioOf } from './scenarios.ts'
import { reactionBoundS, type Score } from './score.ts'
import { runScenario, type Scenario } from './world.ts'

const USAGE = `npm run gate -- [--seeds N] [--from N] [--hours H] [--no-peers]
Runs worlds of the load-management gate (seeds 1..N; 12) for H hours each (2), the production
control loop and beside it a round robin and least-served-first. Exit code 1 when a world fails.
`

const describe = (s: Scenario): string =>
  `${String(s.seed).padStart(4)}  ${s.vehicles} x ${s.lines}ph on ${s.limitA} A, age ${s.meterAgeS}` +
  `${s.meterSaysWhen ? '' : '?'} every ${s.meterIntervalS} s, reaction ${s.reactionS} s, ` +
  `step every ${s.stepEveryS / 60} min${s.pvA > 0 ? ', clouds' : ''}`

const figures = (name: string, score: Score, boundS: number): string =>
  `      ${name.padEnd(12)} >100 % ${String(score.aboveS).padStart(5)} s (longest ` +
  `${score.longestAboveS} of ${boundS})  >113 % ${String(score.above113S).padStart(4)} s  use ` +
  `${(100 * score.use).toFixed(1)} %  pauses ${score.pauses.toFixed(2)}  Jain ` +
  `${score.jain.toFixed(3)}  messages ${score.messages.toFixed(0)}/h`

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '12' },
      from: { type: 'string', default: '1' },
      hours: { type: 'string', default: '2' },
      'no-peers': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return void process.stdout.write(USAGE)
  const from = Number(values.from)
  let failed = 0
  for (let seed = from; seed < from + Number(values.seeds); seed++) {
    const scenario = scenarioOf(seed, Number(values.hours))
    const boundS = reactionBoundS(scenario)
    const score = await runScenario(scenario)
    const failures = failuresOf(scenario, score)
    if (failures.length > 0) failed++
    process.stdout.write(`${describe(scenario)}\n${figures('Busbar', score, boundS)}\n`)
    if (failures.length > 0) process.stdout.write(`      FAILED: ${failures.join('; ')}\n`)
    if (values['no-peers']) continue
    const robin = await runScenario(scenario, roundRobin)
    process.stdout.write(`${figures('round robin', robin, boundS)}\n`)
    const least = await runScenario(scenario, leastServedFirst())
    process.stdout.write(`${figures('least served', least, boundS)}\n`)
  }
  process.stdout.write(`${failed} of ${values.seeds} worlds failed\n`)
  if (failed > 0) process.exitCode = 1
}

await main()

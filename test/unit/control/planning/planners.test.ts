import { afterEach, expect, test } from 'vitest'
import { createWorkerPlanner } from '../../../../src/control/planning/planners.ts'
import type { Planner } from '../../../../src/ports/planner.ts'
import { recordingLog } from '../../../fixtures/recording-log.ts'
import { ev, problem } from '../../engine/plan/problems.ts'

const STUCK = new URL('./stuck-worker.ts', import.meta.url)
const started: Planner[] = []

const plannerOf = (options: Parameters<typeof createWorkerPlanner>[2], deadlineMs = 5_000) => {
  const log = recordingLog()
  const planner = createWorkerPlanner(deadlineMs, log.log, options)
  started.push(planner)
  return { planner, log }
}

afterEach(async () => {
  for (const planner of started.splice(0)) await planner.stop()
})

const given = problem({ evs: [ev('L1')] })

test('solves beside the caller, several problems one after the other', async () => {
  const { planner } = plannerOf({})
  const more = problem({ evs: [ev('L1'), ev('L2')] })
  const [one, two] = await Promise.all([planner.solve(given), planner.solve(more)])
  expect(one).toMatchObject({ method: 'optimal', fallbackBecause: null })
  expect(one.evW).toHaveLength(1)
  expect(two.evW).toHaveLength(2)
})

test('a solver that never returns is ended, and the greedy takes over in a new thread', async () => {
  const { planner, log } = plannerOf({ file: STUCK, graceMs: 3_000 }, 100)
  const solution = await planner.solve(given)
  expect(solution.method).toBe('greedy')
  expect(solution.fallbackBecause).toBe('the planner did not answer within 3.2 s')
  expect(solution.unservedWh[0]).toBeCloseTo(0)
  expect(log.entries).toMatchObject([{ level: 'error', message: /simple planner takes over/ }])
})

test('a thread that dies says of what', async () => {
  const { planner } = plannerOf({ file: STUCK, graceMs: 5_000 }, 100)
  const solution = await planner.solve({ ...given, stepS: 1 })
  expect(solution).toMatchObject({
    method: 'greedy',
    fallbackBecause: 'the planner thread died: out of memory',
  })
})

test('where not even the greedy comes, the caller is told', async () => {
  const { planner } = plannerOf({ file: STUCK, graceMs: 500 }, 50)
  await expect(planner.solve({ ...given, stepS: 2 })).rejects.toThrow('did not answer within 0.6 s')
})

test('a malformed problem is an error, not a reason to plan simply', async () => {
  const { planner } = plannerOf({})
  const broken = { ...given, baseW: new Float64Array(1) }
  await expect(planner.solve(broken)).rejects.toThrow('baseW has 1 values, must have 4')
  expect((await planner.solve(given)).method).toBe('optimal')
})

test('stopping ends the wait', async () => {
  const { planner } = plannerOf({ file: STUCK }, 60_000)
  const waiting = planner.solve(given)
  const outcome = expect(waiting).rejects.toThrow('the planner is stopped')
  await new Promise((resume) => setTimeout(resume, 50))
  await planner.stop()
  await outcome
  await expect(planner.solve(given)).rejects.toThrow('the planner is stopped')
})

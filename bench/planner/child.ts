import { compile } from '../../src/engine/plan/model.ts'
import { solvePlan } from '../../src/engine/plan/plan.ts'
import { solveOracle } from './oracle.ts'
import { carPark } from './site.ts'
import type { Measurement, Task } from './task.ts'

/**
 * Child process of the planner bench: one solver on the instances of one size, so that memory is
 * that of one solver. A JSON line per instance. Small instances first warm up the JIT or the
 * WebAssembly tiers, as in a planner thread that runs all day.
 */
const task = JSON.parse(process.argv[2]) as Task
const { devices, steps, storageShare, tightnesses, timeLimitS } = task

const memoryMb = (): number => process.resourceUsage().maxRSS / 1024

const threadCpuMs = (): number => {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

const measureBusbar = (tightness: number, seed: number): Measurement => {
  const problem = carPark({ devices, steps, tightness, seed, storageShare })
  const cpuBefore = threadCpuMs()
  const started = performance.now()
  const { lowerBound, upperBound } = solvePlan(problem)
  const ms = performance.now() - started
  const cpuMs = threadCpuMs() - cpuBefore
  return { tightness, seed, ms, cpuMs, lowerBound, upperBound, memoryMb: memoryMb() }
}

const measureHighs = async (tightness: number, seed: number): Promise<Measurement> => {
  const problem = carPark({ devices, steps, tightness, seed, storageShare })
  const { overloadPrice } = compile(problem)
  const { objective, solveMs, cpuMs } = await solveOracle(problem, overloadPrice, timeLimitS)
  return {
    tightness,
    seed,
    ms: solveMs,
    cpuMs,
    lowerBound: objective,
    upperBound: objective,
    memoryMb: memoryMb(),
  }
}

const warmUp = async (): Promise<void> => {
  for (const tightness of [1, 0.8, 0.6, 1, 0.8, 0.6]) {
    const busbar = task.solver === 'busbar'
    const problem = carPark({
      devices: busbar ? 400 : 50,
      steps: 96,
      tightness,
      seed: 9000 + 10 * tightness,
      storageShare,
    })
    if (busbar) solvePlan(problem)
    else await solveOracle(problem, compile(problem).overloadPrice)
  }
}

await warmUp()
for (const tightness of tightnesses) {
  let spentMs = 0
  for (const seed of task.seeds) {
    const measured =
      task.solver === 'busbar'
        ? measureBusbar(tightness, seed)
        : await measureHighs(tightness, seed)
    process.stdout.write(`${JSON.stringify(measured)}\n`)
    spentMs += measured.ms
    if (task.solver === 'highs' && spentMs > 1000 * timeLimitS) break
  }
}

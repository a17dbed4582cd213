import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readOptions, type Mode, type Options } from './ocpp/options.ts'
import { runCrash } from './ocpp/runs/crash.ts'
import { runFanOut } from './ocpp/runs/fan-out.ts'
import { runLatency } from './ocpp/runs/latency.ts'
import { runLoops } from './ocpp/runs/loops.ts'
import { runMemory } from './ocpp/runs/memory.ts'
import { runStorm } from './ocpp/runs/storm.ts'
import { describeMachine } from './support/machine.ts'
import { print } from './support/table.ts'

const RUNS: Readonly<Record<Mode, (options: Options, folder: string) => Promise<void>>> = {
  loops: runLoops,
  latency: runLatency,
  storm: runStorm,
  memory: runMemory,
  'fan-out': runFanOut,
  crash: runCrash,
}

/** The OCPP edge of the complete program beside other servers; `--help` lists the options. */
export const run = async (args: readonly string[]): Promise<void> => {
  const options = readOptions(args)
  if (options === null) return
  const folder = mkdtempSync(join(options.folder, 'busbar-bench-'))
  print(`OCPP: ${describeMachine()}`)
  try {
    for (const mode of options.modes) await RUNS[mode](options, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

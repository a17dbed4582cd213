import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readOptions, type Mode, type Options } from './ocpp/options.ts'
import { runCrash } from './ocpp/runs/crash.ts'
import { runFleet } from './ocpp/runs/fleet.ts'
import { runLoads } from './ocpp/runs/loads.ts'
import { describeMachine } from './support/machine.ts'
import { print } from './support/table.ts'

/** Modes that share their servers. */
const RUNS: readonly {
  readonly modes: readonly Mode[]
  readonly run: (options: Options, folder: string) => Promise<void>
}[] = [
  { modes: ['loops', 'latency'], run: runLoads },
  { modes: ['memory', 'storm', 'fan-out'], run: runFleet },
  { modes: ['crash'], run: runCrash },
]

/** The OCPP edge of the complete program beside other servers; `--help` lists the options. */
export const run = async (args: readonly string[]): Promise<void> => {
  const options = readOptions(args)
  if (options === null) return
  const folder = mkdtempSync(join(options.folder, 'busbar-bench-'))
  print(`OCPP: ${describeMachine()}`)
  try {
    for (const { modes, run: runModes } of RUNS) {
      if (modes.some((mode) => options.modes.includes(mode))) await runModes(options, folder)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

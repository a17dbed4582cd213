import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readOptions } from './ocpp/options.ts'
import { runLoops } from './ocpp/runs/loops.ts'
import { describeMachine } from './support/machine.ts'
import { print } from './support/table.ts'

export const run = async (args: readonly string[]): Promise<void> => {
  const options = readOptions(args)
  if (options === null) return
  const folder = mkdtempSync(join(options.folder, 'busbar-bench-'))
  print(describeMachine())
  try {
    for (const mode of options.modes) {
      switch (mode) {
        case 'loops':
          await runLoops(options, folder)
          break
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

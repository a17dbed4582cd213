import { tmpdir } from 'node:os'
import { runCli } from '../../../src/cli/run-cli.ts'
import type { Terminal } from '../../../src/cli/terminal.ts'

export interface Recorded extends Terminal {
  readonly outLines: string[]
  readonly errLines: string[]
}

export interface Surroundings {
  readonly env?: Record<string, string>
  readonly cwd?: string
  readonly nowMs?: number
}

/** A terminal without colours that writes down what it is told. */
export const recordingTerminal = ({
  env = {},
  cwd = tmpdir(),
  nowMs = Date.UTC(2026, 10, 22, 8),
}: Surroundings = {}): Recorded => {
  const outLines: string[] = []
  const errLines: string[] = []
  const startedAt = performance.now()
  return {
    outLines,
    errLines,
    out: (text) => void outLines.push(...text.split('\n')),
    err: (text) => void errLines.push(...text.split('\n')),
    json: (value) => void outLines.push(JSON.stringify(value)),
    paint: (_style, text) => text,
    isInteractive: false,
    env,
    cwd,
    now: () => nowMs + Math.floor(performance.now() - startedAt),
  }
}

/** One command line, in this process. */
export const run = async (
  argv: readonly string[],
  surroundings: Surroundings = {},
): Promise<{ code: number; out: string; err: string }> => {
  const terminal = recordingTerminal(surroundings)
  const code = await runCli(argv, terminal)
  return { code, out: terminal.outLines.join('\n'), err: terminal.errLines.join('\n') }
}

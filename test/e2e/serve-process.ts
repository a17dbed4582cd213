import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll } from 'vitest'
import { eventually } from './program.ts'

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts')

/** `busbar serve` as a process of its own. */
export interface Served {
  readonly out: () => string
  /** The lines of the start are there, as standard output is no terminal. */
  readonly err: () => string
  /** Resolves to the exit code. */
  readonly stop: () => Promise<number | null>
}

const running = new Set<ChildProcess>()
/** Processes of simulated worlds, which outlive a Busbar that is killed. */
const worlds = new Set<number>()

afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
  for (const pid of worlds) process.kill(pid, 'SIGKILL')
})

/**
 * Starts it and waits for the lines of the start. What is not stopped ends with the tests of the file.
 *
 * @param world file with the number of the process of its simulated world
 */
export const serve = async (cwd: string, file: string, world?: string): Promise<Served> => {
  const child = spawn(process.execPath, [MAIN, 'serve', file], { cwd })
  running.add(child)
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
  const started = (): boolean => /Busbar .* runs/.test(err) && err.endsWith('\n\n')
  await eventually('the start', () => started() || child.exitCode !== null, 45_000)
  if (child.exitCode !== null) throw new Error(err)
  const pid = world === undefined ? null : Number(readFileSync(join(cwd, world), 'utf8'))
  if (pid !== null) worlds.add(pid)
  return {
    out: () => out,
    err: () => err,
    stop: async () => {
      const exited = once(child, 'exit') as Promise<[number | null]>
      child.kill('SIGTERM')
      const [code] = await exited
      running.delete(child)
      if (pid !== null) worlds.delete(pid)
      return code
    },
  }
}

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { connect } from 'node:net'

/** The program as a process of its own, started from its sources. */
export interface RunningProgram {
  readonly process: ChildProcess
  output(): string
  kill(signal: NodeJS.Signals): Promise<void>
}

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts')

/** Starts `busbar serve` in a folder and waits until a port answers. */
export const startProgram = async (
  folder: string,
  config: string,
  ports: readonly number[],
): Promise<RunningProgram> => {
  const file = join(folder, 'site.yaml')
  writeFileSync(file, config)
  const child = spawn(process.execPath, [MAIN, 'serve', file], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  for (const port of ports) await listening(port, child, () => output)
  return {
    process: child,
    output: () => output,
    kill: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill(signal)
      await gone
    },
  }
}

const listening = async (
  port: number,
  child: ChildProcess,
  output: () => string,
): Promise<void> => {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`the program ended: ${output()}`)
    const socket = connect(port, '127.0.0.1')
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (open) return
    await new Promise((wait) => setTimeout(wait, 100))
  }
  throw new Error(`nothing listens on ${port}: ${output()}`)
}

/** Waits until something is so; the error says what was not. */
export const eventually = async (
  what: string,
  check: () => boolean,
  timeoutMs = 15_000,
): Promise<void> => {
  const end = Date.now() + timeoutMs
  while (Date.now() < end) {
    if (check()) return
    await new Promise((wait) => setTimeout(wait, 50))
  }
  throw new Error(`not within ${timeoutMs / 1000} s: ${what}`)
}

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../fixtures/free-port.ts'

/** Debian's mosquitto on a free port of the loopback, with a throw-away folder. */
export interface Mosquitto {
  readonly port: number
  start(): Promise<void>
  /** SIGKILL: what a power cut does. */
  kill(): Promise<void>
  stop(): Promise<void>
}

const isListening = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/**
 * @param settings lines of its configuration; `{folder}` is where the files are
 * @param files name -> content
 */
export const createMosquitto = async (
  settings: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<Mosquitto> => {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'busbar-mosquitto-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const config = join(folder, 'mosquitto.conf')
  // As root it would take another user's rights, who cannot read the folder.
  const user = process.getuid?.() === 0 ? ['user root'] : []
  const lines = [`listener ${port} 127.0.0.1`, ...user, ...settings]
  writeFileSync(config, lines.join('\n').replaceAll('{folder}', folder))
  let child: ChildProcess | null = null

  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<void> => {
    const running = child
    child = null
    if (!running || running.exitCode !== null || running.signalCode !== null) return
    const exited = once(running, 'exit')
    running.kill(signal)
    await exited
  }

  return {
    port,
    async start() {
      const started = spawn('mosquitto', ['-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
      let output = ''
      started.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
      await once(started, 'spawn')
      child = started
      while (!(await isListening(port))) {
        if (started.exitCode !== null) throw new Error(`mosquitto ended:\n${output}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

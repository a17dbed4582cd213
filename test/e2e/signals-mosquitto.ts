import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../fixtures/free-port.ts'

/** A broker that can die and come back on its port. */
export interface Mosquitto {
  readonly port: number
  start(): Promise<void>
  /** What a power cut does. */
  kill(): Promise<void>
  stop(): Promise<void>
}

/**
 * mosquitto (Debian's package) on the loopback, with a throw-away folder.
 *
 * @param settings further lines of its configuration; `{folder}` is the folder of the files
 */
export const createMosquitto = async (
  settings: readonly string[] = ['allow_anonymous true'],
  files: Readonly<Record<string, string>> = {},
): Promise<Mosquitto> => {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'busbar-mosquitto-'))
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text, { mode: 0o600 })
  }
  const lines = [
    // Started as root it would become a user that cannot read the folder.
    ...(process.getuid?.() === 0 && !settings.includes('user root') ? ['user root'] : []),
    `listener ${port} 127.0.0.1`,
    'persistence true',
    `persistence_location ${folder}/`,
    'autosave_interval 1',
    'autosave_on_changes true',
    ...settings,
  ]
  const config = join(folder, 'mosquitto.conf')
  writeFileSync(config, lines.join('\n').replaceAll('{folder}', folder))
  let child: ChildProcess | null = null
  let output = ''

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
      const started = spawn('mosquitto', ['-c', config], { stdio: ['ignore', 'pipe', 'pipe'] })
      for (const stream of [started.stdout, started.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output = (output + chunk.toString()).slice(-10_000)
        })
      }
      child = started
      for (let attempt = 0; attempt < 400; attempt += 1) {
        if (started.exitCode !== null) throw new Error(`mosquitto ended:\n${output}`)
        if (await answers(port)) return
        await new Promise((resolve) => setTimeout(resolve, 25))
      }
      throw new Error(`mosquitto does not listen:\n${output}`)
    },
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const answers = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1')
  const open = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  socket.destroy()
  return open
}

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { connect as tcpConnect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Debian's mosquitto on a free port of the loopback with a throw-away folder. */
export interface Mosquitto {
  readonly port: number
  readonly folder: string
  start(): Promise<void>
  /** SIGKILL: what a power cut does. */
  kill(): Promise<void>
  stop(): Promise<void>
}

export const freePort = async (): Promise<number> => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

const listening = async (port: number, process: ChildProcess, output: () => string) => {
  for (let i = 0; i < 200; i += 1) {
    if (process.exitCode !== null) throw new Error(`mosquitto ended:\n${output()}`)
    const socket = tcpConnect(port, '127.0.0.1')
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(() => false),
    ]).catch(() => false)
    socket.destroy()
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  throw new Error(`mosquitto does not listen:\n${output()}`)
}

/** @param settings further lines of the configuration; `{folder}` is replaced */
export const createMosquitto = async (
  settings: readonly string[] = ['allow_anonymous true'],
  files: Readonly<Record<string, string>> = {},
): Promise<Mosquitto> => {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'busbar-mosquitto-'))
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text, { mode: 0o644 })
  }
  const config = join(folder, 'mosquitto.conf')
  const lines = [
    `listener ${port} 127.0.0.1`,
    'persistence true',
    `persistence_location ${folder}/`,
    'autosave_interval 1',
    'autosave_on_changes true',
    ...settings,
  ]
  writeFileSync(config, lines.join('\n').replaceAll('{folder}', folder))
  let child: ChildProcess | null = null
  let text = ''

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
    folder,
    async start() {
      const user = process.getuid?.() === 0 ? 'root' : undefined
      const started = spawn('mosquitto', ['-c', config, '-v'], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...(user ? { USER: user } : {}) },
      })
      const keep = (chunk: Buffer): void => {
        text = (text + chunk.toString()).slice(-20_000)
      }
      started.stdout.on('data', keep)
      started.stderr.on('data', keep)
      child = started
      await listening(port, started, () => text)
    },
    kill: () => end('SIGKILL'),
    async stop() {
      await end('SIGTERM')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

import { execFileSync, spawn } from 'node:child_process'
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Log } from '../ports/log.ts'

/**
 * The simulated world is a process of its own, as the real one would be: it survives when Busbar is
 * killed, and is found again by the next start.
 */
export interface WorldProcess {
  /** What it is and where its log is, for people. */
  readonly description: string
  stop(): void
}

/** How a process was started; `null` when there is none, or the system does not tell. */
const commandLine = (pid: number): string | null => {
  try {
    if (existsSync('/proc/self/cmdline')) return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
  } catch {
    return null
  }
}

/** The number in the file may by now be that of somebody else's process. */
const isWorld = (pid: number): boolean => {
  const text = commandLine(pid)
  return text !== null && text.includes('simulate') && text.includes('--live')
}

const runningPid = (file: string): number | null => {
  if (!existsSync(file)) return null
  const pid = Number(readFileSync(file, 'utf8'))
  return Number.isInteger(pid) && pid > 0 && isWorld(pid) ? pid : null
}

/** Starts the world of a configuration, or takes over the one that is still there. */
export const ensureWorld = (
  configFile: string,
  siteId: string,
  ocppUrl: string,
  dataDir: string,
  log: Log,
): WorldProcess => {
  const file = join(dataDir, `world-${siteId}.pid`)
  const logFile = join(dataDir, `world-${siteId}.log`)
  const known = runningPid(file)
  if (known !== null) {
    log.info({ pid: known }, 'the simulated world of the last run is still there')
    return {
      description: `process ${known}, left by an earlier run; log ${logFile}`,
      stop: () => end(known, file),
    }
  }
  const main = join(import.meta.dirname, `main${extname(import.meta.url)}`)
  const output = openSync(logFile, 'w')
  const child = spawn(
    process.execPath,
    [main, 'simulate', configFile, '--live', '--ocpp-url', ocppUrl, '--data-dir', dataDir],
    // Detached and with a log of its own: should we die, it goes on without us.
    { stdio: ['ignore', output, output], detached: true },
  )
  child.unref()
  const pid = child.pid ?? 0
  writeFileSync(file, String(pid))
  child.on('error', (err) => log.error({ err }, 'the simulated world could not be started'))
  child.on('exit', (code) => {
    if (code === 0 || code === null) return
    const why = readFileSync(logFile, 'utf8').trimEnd().split('\n').at(-1)
    log.error({ code, logFile, why }, 'the simulated world ended; stations and meters are gone')
  })
  return { description: `process ${pid}, log ${logFile}`, stop: () => end(pid, file) }
}

const end = (pid: number, file: string): void => {
  if (pid > 0 && isWorld(pid)) process.kill(pid, 'SIGTERM')
  rmSync(file, { force: true })
}

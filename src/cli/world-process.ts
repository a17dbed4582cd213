import { spawn } from 'node:child_process'
import { existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import type { Log } from '../ports/log.ts'

/**
 * The simulated world is a process of its own, as the real one would be: it survives when Busbar is
 * killed, and is found again by the next start.
 */
export interface WorldProcess {
  stop(): void
}

const pidFile = (dataDir: string, siteId: string): string => join(dataDir, `world-${siteId}.pid`)

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const runningPid = (file: string): number | null => {
  if (!existsSync(file)) return null
  const pid = Number(readFileSync(file, 'utf8'))
  return Number.isInteger(pid) && pid > 0 && alive(pid) ? pid : null
}

/** Starts the world of a configuration, or takes over the one that is still there. */
export const ensureWorld = (
  configFile: string,
  siteId: string,
  ocppUrl: string,
  dataDir: string,
  log: Log,
): WorldProcess => {
  const file = pidFile(dataDir, siteId)
  const known = runningPid(file)
  if (known !== null) {
    log.info({ pid: known }, 'the simulated world of the last run is still there')
    return { stop: () => end(known, file) }
  }
  const main = join(import.meta.dirname, `main${extname(import.meta.url)}`)
  const logFile = join(dataDir, `world-${siteId}.log`)
  const output = openSync(logFile, 'w')
  const child = spawn(
    process.execPath,
    [main, 'simulate', configFile, '--live', '--ocpp-url', ocppUrl, '--data-dir', dataDir],
    // Detached and with a log of its own: should we die, it goes on without us.
    { stdio: ['ignore', output, output], detached: true },
  )
  child.unref()
  writeFileSync(file, String(child.pid))
  child.on('exit', (code) => {
    if (code === 0 || code === null) return
    log.error({ code, logFile }, 'the simulated world ended; stations and meters are gone')
  })
  return { stop: () => end(child.pid!, file) }
}

const end = (pid: number, file: string): void => {
  if (alive(pid)) process.kill(pid, 'SIGTERM')
  rmSync(file, { force: true })
}

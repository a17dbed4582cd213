import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Connection } from './connection.ts'

/** Where a demo leaves its address and token for commands in the same folder. */
export const savedConnectionFile = (cwd: string): string => join(cwd, '.busbar', 'cli.json')

/** Readable by its owner only, at every moment. */
export const saveConnection = (file: string, { url, token }: Connection): void => {
  mkdirSync(dirname(file), { recursive: true })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${JSON.stringify({ url, token }, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  renameSync(draft, file)
}

/** `null` when there is none, or none that can be used. */
export const readConnection = (file: string): Connection | null => {
  try {
    const { url, token } = JSON.parse(readFileSync(file, 'utf8')) as Partial<
      Record<string, unknown>
    >
    return typeof url === 'string' && typeof token === 'string' ? { url, token } : null
  } catch {
    return null
  }
}

/** Removes it, unless another Busbar has replaced it meanwhile. */
export const forgetConnection = (file: string, { token }: Connection): void => {
  if (readConnection(file)?.token === token) rmSync(file, { force: true })
}

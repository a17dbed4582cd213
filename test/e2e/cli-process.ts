import { spawn } from 'node:child_process'
import { resolve } from 'node:path'

export interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** What is run on `node`; the sources by default. */
  readonly main?: string
}

const MAIN = resolve(import.meta.dirname, '../../src/cli/main.ts')

/** Settings of who runs the tests must not change what they see. */
const { BUSBAR_URL: _url, BUSBAR_TOKEN: _token, FORCE_COLOR: _force, ...ENV } = process.env

/** One command as a process of its own. */
export const busbar = (
  argv: readonly string[],
  { cwd, env = {}, input = '', main = MAIN }: RunOptions = {},
): Promise<Ran> =>
  new Promise((done, failed) => {
    const child = spawn(process.execPath, [main, ...argv], { cwd, env: { ...ENV, ...env } })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.on('error', failed)
    child.on('close', (code) => done({ code, out, err }))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
  })

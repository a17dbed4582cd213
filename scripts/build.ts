import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'

/**
 * Builds the program and the page into a folder of their own and then puts it in the place of the
 * last one: a server that runs from there never misses a file. With `--if-needed` only when something
 * has changed since: `npx busbar` in a clone asks for it each time.
 */
const ROOT = resolve(import.meta.dirname, '..')
const DIST = process.env['BUSBAR_DIST'] ?? join(ROOT, 'dist')
const STAMP = '.built'
const INPUTS = ['src', 'tsconfig.json', 'tsconfig.build.json', 'package-lock.json']

/** Every file that goes in, by name, size and time of change. */
const digest = (): string => {
  const hash = createHash('sha256')
  const add = (name: string): void => {
    const { size, mtimeMs } = statSync(join(ROOT, name))
    hash.update(`${name}\0${size}\0${mtimeMs}\n`)
  }
  for (const input of INPUTS) {
    if (!statSync(join(ROOT, input)).isDirectory()) add(input)
    else {
      const names = readdirSync(join(ROOT, input), { recursive: true, encoding: 'utf8' })
      for (const name of names.sort()) add(join(input, name))
    }
  }
  return hash.digest('hex')
}

const isBuilt = (wanted: string): boolean =>
  existsSync(join(DIST, STAMP)) && readFileSync(join(DIST, STAMP), 'utf8') === wanted

const run = (program: string, argv: readonly string[]): void => {
  const command = join(ROOT, 'node_modules', '.bin', program)
  const { status } = spawnSync(command, argv, { cwd: ROOT, stdio: 'inherit' })
  if (status !== 0) throw new Error(`${program} failed with exit code ${status}`)
}

/** Two builds at once both end well: the later one stays. */
const putInPlace = (made: string): void => {
  const old = `${made}.old`
  for (;;) {
    if (existsSync(DIST)) renameSync(DIST, old)
    try {
      renameSync(made, DIST)
      break
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
    }
  }
  rmSync(old, { recursive: true, force: true })
}

const wanted = digest()
if (!process.argv.includes('--if-needed') || !isBuilt(wanted)) {
  const made = `${DIST}.${process.pid}`
  try {
    run('tsc', ['-p', 'tsconfig.build.json', '--outDir', made])
    run('vite', ['build', 'src/web', '--logLevel', 'warn', '--outDir', join(made, 'web')])
    writeFileSync(join(made, STAMP), wanted)
    putInPlace(made)
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { freePort } from '../fixtures/free-port.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { eventually } from './program.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const folder = temporaryFolder()
const launcher = join(folder, 'bin', 'busbar.cjs')

/** Told to be loaded first, it makes Node say that it is an old one. */
const OLD_NODE = join(folder, 'old-node.cjs')

const build = (...argv: readonly string[]) =>
  spawnSync(process.execPath, [join(ROOT, 'scripts/build.ts'), ...argv], {
    env: { ...process.env, BUSBAR_DIST: join(folder, 'dist') },
  })

/** The package as it is published, with the folders that stay what they are linked. */
beforeAll(() => {
  build()
  for (const name of ['node_modules', 'schemas', 'tariffs', 'config']) {
    symlinkSync(join(ROOT, name), join(folder, name))
  }
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
  cpSync(join(ROOT, 'bin'), join(folder, 'bin'), { recursive: true })
  writeFileSync(
    OLD_NODE,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`,
  )
}, 120_000)

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  version: string
}

const run = (argv: readonly string[], { old = false, file = launcher, env = {} } = {}) => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [...(old ? ['--require', OLD_NODE] : []), file, ...argv],
    { cwd: folder, encoding: 'utf8', env: { ...process.env, ...env } },
  )
  return { code: status, out: stdout, err: stderr }
}

test('what is built already is not built again under a running server', () => {
  const main = join(folder, 'dist/cli/main.js')
  const { ino, mtimeMs } = statSync(main)
  expect(build('--if-needed')).toMatchObject({ status: 0 })
  expect(statSync(main)).toMatchObject({ ino, mtimeMs })
  // Nothing half made is left beside it.
  expect(readdirSync(folder).filter((name) => name.startsWith('dist'))).toEqual(['dist'])
})

describe('the launcher', () => {
  test('runs the built program on a Node that is new enough', () => {
    expect(run(['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' })
  })

  test('takes the Node that the project carries when its own is too old, and passes on the exit code', () => {
    expect(run(['--version'], { old: true })).toEqual({ code: 0, out: `${version}\n`, err: '' })
    expect(run(['nonsense'], { old: true }).code).toBe(2)
  })

  test('says in one line what is missing', () => {
    const bare = join(folder, 'bare')
    mkdirSync(bare)
    cpSync(join(ROOT, 'bin'), join(bare, 'bin'), { recursive: true })
    const file = join(bare, 'bin', 'busbar.cjs')
    expect(run([], { old: true, file })).toEqual({
      code: 1,
      out: '',
      err: 'busbar: this is Node 20.20.2; install 22.13 or newer\n',
    })
    const unbuilt = run([], { file })
    expect(unbuilt.code).toBe(1)
    expect(unbuilt.err).toMatch(/^busbar: .*main\.js is missing; run "npm run build" first\n$/)
  })

  test('goes round in no circle', () => {
    const { code, err } = run([], { old: true, env: { BUSBAR_REEXECUTED: '1' } })
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('22.13 or newer') })
  })

  test('is plain enough for the parsers that it must tell they are too old', () => {
    const text = readFileSync(join(ROOT, 'bin', 'busbar.cjs'), 'utf8')
    expect(text).not.toMatch(/=>|\b(?:const|let|class|async|await)\b|`|\?\.|\?\?/)
  })
})

describe('the built program finds what belongs to it', () => {
  test('schemas and example sites', () => {
    expect(run(['config', 'check', 'config/demo.yaml'])).toMatchObject({ code: 0, err: '' })
    const sent = run(
      'event send --limit-kw 20 --mqtt mqtt://127.0.0.1:1 --operator a --party b'.split(' '),
    )
    expect(sent.err).toContain('ECONNREFUSED')
  })

  test('tariffs', () => {
    writeFileSync(
      join(folder, 'load.csv'),
      'start,import_kwh\n2026-01-05T00:00:00+01:00,1\n2026-01-05T01:00:00+01:00,2\n',
    )
    const { code, out, err } = run(['cost', 'nl-dynamic-2025', 'load.csv', '--json'])
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(JSON.parse(out)).toMatchObject({ currency: 'EUR', importKwh: 3 })
  })

  test('threads, page and API: it starts, and ends when the launcher is told to', async () => {
    const [ocpp, api] = [await freePort(), await freePort()]
    const site = readFileSync(join(ROOT, 'config', 'minimal.yaml'), 'utf8')
    const more = `\nocpp: { port: ${ocpp} }\napi: { port: ${api} }\nstorage: { path: site.sqlite }\n`
    writeFileSync(join(folder, 'site.yaml'), site + more)
    const made = run('token create --config site.yaml --label t --scope read'.split(' '))
    expect(made).toMatchObject({ code: 0, out: expect.stringMatching(/^bsb_/) })

    const argv = ['--require', OLD_NODE, launcher, 'serve', 'site.yaml']
    const child = spawn(process.execPath, argv, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    let err = ''
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    child.stdout.resume()
    try {
      await eventually('the start', () => /Busbar .* runs/.test(err), 45_000)
      const env = { BUSBAR_URL: `http://127.0.0.1:${api}`, BUSBAR_TOKEN: made.out.trim() }
      expect(run(['nodes'], { env })).toMatchObject({ code: 0, err: '' })
      const exited = once(child, 'exit')
      child.kill('SIGTERM')
      expect(await exited).toEqual([0, null])
    } finally {
      child.kill('SIGKILL')
    }
  }, 90_000)
})

test('npm would publish what it needs', () => {
  const [{ files }] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as { files: { path: string }[] }[]
  const paths = files.map(({ path }) => path)
  for (const path of [
    'bin/busbar.cjs',
    'schemas/mqtt-event.schema.json',
    'tariffs/nl-dynamic-2025.yaml',
    'config/demo.yaml',
    'config/demo-tariff.yaml',
  ]) {
    expect(paths).toContain(path)
  }
})

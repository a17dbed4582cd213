import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { busbar } from '../e2e/cli-process.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

const folder = temporaryFolder()

const site = (name: string, path: string): string => {
  const file = join(folder, `${name}.yaml`)
  writeFileSync(
    file,
    `
site:
  { id: s, name: S, timeZone: UTC, currency: EUR, supply: { kind: three-phase, voltageV: 230 } }
nodes: [{ id: feeder, limitA: 40 }]
stations: [{ id: ONE, node: feeder, password: password-1 }]
ocpp: { port: 0 }
api: { port: 0 }
storage: { path: '${path}' }
`,
  )
  return file
}

describe('one sentence and a failure, not a stack and not an endless loop', () => {
  test('below a file', async () => {
    writeFileSync(join(folder, 'data'), '')
    const { code, err } = await busbar(['serve', site('below', './data/busbar/site.sqlite')], {
      cwd: folder,
    })
    const [full, file] = [join(folder, 'data/busbar'), join(folder, 'data')]
    expect(err).toBe(
      `busbar: storage.path: the folder ${full} cannot be made: ${file} is a file (ENOTDIR)\n`,
    )
    expect(code).toBe(1)
  })

  test.skipIf(!existsSync('/proc/self'))('where the system lets nobody make one', async () => {
    const { code, err } = await busbar(['serve', site('proc', '/proc/busbar/site.sqlite')], {
      cwd: folder,
    })
    expect(err).toMatch(
      /^busbar: storage\.path: the folder \/proc\/busbar cannot be made: [a-z ,]+ \(E[A-Z]+\)\n$/,
    )
    expect(code).toBe(1)
  })
})

test('a relative path counts from the configuration file, wherever Busbar is started', async () => {
  const elsewhere = join(folder, 'elsewhere')
  mkdirSync(elsewhere)
  const file = site('relative', 'kept/site.sqlite')
  const make = ['token', 'create', '--config', file, '--label', 'a', '--scope', 'read']
  expect(await busbar(make, { cwd: elsewhere })).toMatchObject({ code: 0 })
  expect(existsSync(join(folder, 'kept/site.sqlite'))).toBe(true)
  expect(existsSync(join(elsewhere, 'kept'))).toBe(false)
})

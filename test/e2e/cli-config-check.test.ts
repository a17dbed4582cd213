import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { busbar } from './cli-process.ts'

const FOLDER = resolve(import.meta.dirname, '../fixtures/broken-configs')
const EXAMPLES = resolve(import.meta.dirname, '../../config')

/** File, place, and what must be said; the remedy stands at the end. */
const PROBLEMS: readonly [string, string, RegExp][] = [
  [
    'failsafes-too-high.yaml',
    '8:5 nodes/1',
    /failsafes: on L1 .*1 A above its limit of 13 A; lower/,
  ],
  ['missing-key.yaml', '2:3 site/timeZone', /is missing; add it$/],
  ['negative-limit.yaml', '7:31 nodes/0/limitA', /-63 .*\[L1, L2, L3\]/],
  ['no-such-zone.yaml', '3:13 site/timeZone', /"Europe\/Amsterdan" is not a time zone; use/],
  ['same-id-twice.yaml', '13:11 stations/1/id', /"CP1" is already the id of stations\/0; choose/],
  ['secret-not-set.yaml', '12:39', /variable BUSBAR_TEST_UNSET_PASSWORD is not set; set it or/],
  ['syntax.broken', '8:3', /must .*end with a }/],
  ['unknown-key.yaml', '8:38 nodes/1/limitAmps', /is not a setting; did you mean "limitA"\?$/],
  [
    'unknown-node.yaml',
    '12:22 stations/0/node',
    /"pannel", which is not there; did you mean "panel"/,
  ],
  ['wrong-type.yaml', '5:42 site/supply/voltageV', /must be a number, not "high"/],
]

const files = PROBLEMS.map(([file]) => join(FOLDER, file))

test('every broken configuration is tried', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(PROBLEMS.map(([file]) => file))
})

describe('ten broken configurations get ten precise messages', () => {
  let lines: string[] = []

  beforeAll(async () => {
    const { code, out, err } = await busbar(['config', 'check', ...files])
    expect({ code, out }).toEqual({ code: 1, out: '' })
    lines = err.trimEnd().split('\n')
  })

  test('one line each, without a stack', () => {
    expect(lines).toHaveLength(PROBLEMS.length)
  })

  test.each(PROBLEMS)('%s at %s', (file, place, message) => {
    const line = lines.find((text) => text.startsWith(join(FOLDER, file)))
    expect(line).toContain(`${join(FOLDER, file)}:${place} `)
    expect(line).toMatch(message)
  })
})

test('with --json one document, on standard output', async () => {
  const good = join(EXAMPLES, 'minimal.yaml')
  const { code, out, err } = await busbar(['config', 'check', files[7], good, '--json'])
  expect({ code, err }).toEqual({ code: 1, err: '' })
  expect(JSON.parse(out)).toMatchObject({
    ok: false,
    files: [
      { file: files[7], ok: false, problems: [{ line: 8, column: 38, path: 'nodes/1/limitAmps' }] },
      { file: good, ok: true, nodes: 1, evses: 2, loads: 1 },
    ],
  })
})

test('the examples are fine', async () => {
  const examples = ['demo', 'minimal', 'depot', 'office-us']
  const { code, out, err } = await busbar(
    ['config', 'check', ...examples.map((name) => `${name}.yaml`)],
    { cwd: EXAMPLES },
  )
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(/^demo\.yaml: ok, 3 nodes, 12 EVSEs, 2 loads$/m)
  expect(out.trimEnd().split('\n')).toHaveLength(examples.length)
})

test('a file that is not there is named', async () => {
  const { code, err } = await busbar(['config', 'check', 'nowhere.yaml'])
  expect(code).toBe(1)
  expect(err).toMatch(/^nowhere\.yaml: cannot be read: ENOENT/)
})

test('the schema is printed, and serve says the same as the check', async () => {
  const schema = await busbar(['config', 'schema'])
  expect(schema.code).toBe(0)
  expect(JSON.parse(schema.out)).toMatchObject({ title: 'Busbar configuration' })
  const served = await busbar(['serve', files[7]])
  expect(served).toMatchObject({ code: 1, out: '' })
  expect(served.err.trimEnd()).toMatch(/^\/.*unknown-key\.yaml:8:38 nodes\/1\/limitAmps .*\?$/)
})

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { expect, test } from 'vitest'

/**
 * The one rule of the house: imports run only towards the left.
 * domain <- engine <- ports <- { net, control, csms } <- { adapters } <- app <- cli
 */
const MAY_IMPORT: Record<string, readonly string[]> = {
  domain: [],
  engine: ['domain'],
  ports: ['domain', 'engine'],
  control: ['domain', 'engine', 'ports'],
  csms: ['domain', 'engine', 'ports'],
  /** Connections to others, and the tables that they export: what adapters share. */
  net: ['domain', 'ports'],
  ocpp: ['domain', 'engine', 'ports', 'csms'],
  signals: ['domain', 'engine', 'ports', 'net', 'control'],
  meters: ['domain', 'engine', 'ports', 'net'],
  tariffs: ['domain', 'engine', 'ports', 'net'],
  storage: ['domain', 'engine', 'ports'],
  fabric: ['domain', 'engine', 'ports'],
  api: ['domain', 'engine', 'ports', 'control', 'csms'],
  integrations: ['domain', 'engine', 'ports', 'control', 'csms'],
  config: ['domain', 'engine', 'ports'],
  // A client: reaches the product through sockets; engine and control only in virtual time.
  sim: ['domain', 'engine', 'ports', 'control', 'net'],
  app: ['*'],
  cli: ['*'],
}
const EVERYONE_MAY_IMPORT = ['errors']
/** Only these packages may be used by the pure floors; Node modules never. */
const PURE = ['domain', 'engine']

const src = resolve(import.meta.dirname, '../../src')

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith(`web${sep}`))
  .sort()

const importsOf = (file: string): string[] => {
  const text = readFileSync(join(src, file), 'utf8')
  const found = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\s[^'"]*?from\s+['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|(?:^|\n)import\s+['"]([^'"]+)['"]/g,
  )
  return [...found].map((match) => match[1] ?? match[2] ?? match[3])
}

const floorOf = (file: string): string => file.split(sep)[0].replace(/\.ts$/, '')

test('imports run only towards the left', () => {
  const wrong: string[] = []
  for (const file of files) {
    const floor = floorOf(file)
    const allowed = MAY_IMPORT[floor]
    if (floor === 'errors') continue
    if (!allowed) {
      wrong.push(`${file}: "${floor}" is not a floor of the house`)
      continue
    }
    for (const specifier of importsOf(file)) {
      if (!specifier.startsWith('.')) {
        if (PURE.includes(floor)) wrong.push(`${file} imports ${specifier}`)
        continue
      }
      const target = floorOf(relative(src, resolve(src, dirname(file), specifier)))
      if (target === floor || allowed.includes(target) || allowed.includes('*')) continue
      if (EVERYONE_MAY_IMPORT.includes(target)) continue
      wrong.push(`${file} imports ${specifier}`)
    }
  }
  expect(wrong).toEqual([])
})

test('the pure floors read no clock and no randomness', () => {
  const wrong = files
    .filter((file) => PURE.includes(floorOf(file)))
    .filter((file) =>
      /Date\.now\(|new Date\(\)|Math\.random\(|performance\.now\(|process\./.test(
        readFileSync(join(src, file), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''),
      ),
    )
  expect(wrong).toEqual([])
})

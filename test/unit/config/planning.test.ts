import { expect, test } from 'vitest'
import { parseConfig } from '../../../src/config/load.ts'
import { ONAN_TRANSFORMER } from '../../../src/domain/transformer.ts'

const yaml = (site: string, node: string, rest = ''): string => `site:
  id: test
  timeZone: Europe/Amsterdam
  currency: EUR
${site}
nodes:
  - id: connection
    limitA: 63
${node}
stations:
  - { id: CP1, node: connection, password: secret-1 }
${rest}`

const THREE = '  supply: { kind: three-phase, voltageV: 230 }'

const messageOf = (text: string): string => {
  try {
    parseConfig(text, 'site.yaml', {})
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}

test('a transformer has what its nameplate says, the rest is that of the standard', () => {
  const months = '[2, 3, 6, 10, 15, 18, 20, 20, 16, 11, 6, 3]'
  const node = `    thermal: { ratedKva: 400, ambientC: ${months}, maxFactor: 1.2, oilTimeMin: 120 }`
  const [{ transformer }] = parseConfig(yaml(THREE, node), 'site.yaml', {}).site.nodes
  expect(transformer).toEqual({
    ...ONAN_TRANSFORMER,
    ratedVa: 400_000,
    maxFactor: 1.2,
    oilTimeS: 7_200,
    ambientC: [2, 3, 6, 10, 15, 18, 20, 20, 16, 11, 6, 3],
  })
  const constant = parseConfig(
    yaml(THREE, '    thermal: { ratedKva: 400, ambientC: 30 }'),
    'site.yaml',
    {},
  )
  expect(constant.site.nodes[0].transformer?.ambientC).toEqual(Array.from({ length: 12 }, () => 30))
})

test('without a word the site has neither transformer nor limit of imbalance', () => {
  const { site } = parseConfig(yaml(THREE, ''), 'site.yaml', {})
  expect(site.nodes[0]).not.toHaveProperty('transformer')
  expect(site).not.toHaveProperty('imbalanceLimitA')
})

test('what cannot be is said with its place', () => {
  const oneLine = `  imbalanceLimitA: 20
  supply: { kind: single-phase, voltageV: 230 }`
  expect(messageOf(yaml(oneLine, '').replace('secret-1', 'secret-1, wiring: L1'))).toBe(
    'site.yaml:5:20 site/imbalanceLimitA is about three lines, but the supply is single-phase; remove it',
  )
  expect(messageOf(yaml(THREE, '    thermal: { ratedKva: 400 }'))).toContain(
    'nodes/0/thermal/ambientC is missing; add it',
  )
  const planning = 'planning: { maxChanges: 0, carbonPrice: -1, shortfallPrice: 0 }'
  expect(messageOf(yaml(THREE, '', planning)).split('\n')).toHaveLength(3)
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { AppError } from '../../../src/errors.ts'
import { loadTariff, parseTariff, tariffPath } from '../../../src/tariffs/load.ts'

const GOOD = `id: good
name: Good
country: DE
currency: EUR
timeZone: Europe/Berlin
validFrom: 2026-01-01
covers: [supply]
source: { name: a document, kind: primary, read: 2026-11-22 }
verified: true
seasons:
  winter: 11-01..03-31
energy:
  - name: Energy
    rates:
      - { label: peak, price: 0.3, when: { season: winter, hours: 17:00-19:00 } }
      - { label: rest, price: 0.2 }
taxes:
  - { name: VAT, percent: 19, on: [Energy] }
`

const problemsOf = async (text: string): Promise<string[]> => {
  const error: unknown = await parseTariff(text, 'bad.yaml').then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(AppError)
  expect((error as AppError).code).toBe('config-invalid')
  return (error as AppError).message.split('\n')
}

test('a good file loads', async () => {
  const tariff = await parseTariff(GOOD, 'good.yaml')
  expect(tariff.energy[0].rates.map(({ label }) => label)).toEqual(['peak', 'rest'])
})

describe('a broken file is refused with place and remedy', () => {
  test.each([
    [
      'unknown key',
      GOOD.replace('currency: EUR', 'curency: EUR'),
      [
        'bad.yaml:1:1 "currency" is missing; add it',
        'bad.yaml:4:1 curency "curency" is unknown; did you mean "currency"?',
      ],
    ],
    [
      'unknown key deep inside',
      GOOD.replace('label: rest', 'lable: rest'),
      ['bad.yaml:16:11 energy/0/rates/1/lable "lable" is unknown; did you mean "label"?'],
    ],
    [
      'wrong type',
      GOOD.replace('price: 0.2 ', 'price: cheap '),
      ['bad.yaml:16:31 energy/0/rates/1/price must be number, not "cheap"'],
    ],
    [
      'bad hours',
      GOOD.replace('17:00-19:00', '17-19'),
      [/^bad\.yaml:15:67 energy\/0\/rates\/0\/when\/hours "17-19" is not understood; write HH:MM-/],
    ],
    [
      'unknown season',
      GOOD.replace('season: winter', 'season: winnter'),
      [
        'bad.yaml:15:52 energy/0/rates/0/when/season season "winnter" is not declared; did you mean "winter"?',
      ],
    ],
    [
      'impossible day of a season',
      GOOD.replace('11-01..03-31', '11-31..03-31'),
      ['bad.yaml:11:11 seasons/winter 11-31 is no day of a year'],
    ],
    [
      'no such time zone',
      GOOD.replace('Europe/Berlin', 'Europe/Berlim'),
      [
        'bad.yaml:5:11 timeZone "Europe/Berlim" is no IANA time zone; write for example Europe/Oslo',
      ],
    ],
    [
      'tax on nothing',
      GOOD.replace('on: [Energy]', 'on: [Enrgy]'),
      ['bad.yaml:18:36 taxes/0/on/0 "Enrgy" is no charge above this; did you mean "Energy"?'],
    ],
    [
      'two prices',
      GOOD.replace('price: 0.2 ', 'price: 0.2, formula: hour '),
      [
        'bad.yaml:16:9 energy/0/rates/1 needs exactly one of price, tiers, formula; price and formula are given',
      ],
    ],
    [
      'blocks that do not ascend',
      GOOD.replace('price: 0.2 ', 'tiers: [{ upToKwh: 5, price: 1 }, { upToKwh: 5, price: 2 }] '),
      [
        'bad.yaml:16:69 energy/0/rates/1/tiers/1/upToKwh the last one is open: remove upToKwh',
        'bad.yaml:16:69 energy/0/rates/1/tiers/1/upToKwh must be more than the one before (5)',
      ],
    ],
    [
      'formula with an unknown name',
      GOOD.replace('price: 0.2 ', 'formula: spott + 1 '),
      [/^bad\.yaml:16:33 energy\/0\/rates\/1\/formula spott is unknown; there are spot, hour/],
    ],
    [
      'formula with a market that is not named',
      GOOD.replace('price: 0.2 ', 'formula: spot + 1 '),
      [/energy\/0\/rates\/1 uses spot: say under "spot" which market it is/],
    ],
    [
      'the same name twice',
      GOOD.replace('name: VAT', 'name: Energy'),
      ['bad.yaml:18:13 taxes/0/name "Energy" is used twice; give each charge its own name'],
    ],
    [
      'verified while a charge is not',
      GOOD.replace('percent: 19', 'percent: 19, verified: false'),
      ['bad.yaml:9:11 verified cannot be true while "VAT" is not verified'],
    ],
    [
      'holiday rule',
      `${GOOD}holidays: { add: [{ name: X, rule: someday }] }\n`,
      [/^bad\.yaml:19:36 holidays\/add\/0\/rule "someday" is no holiday rule; write 12-25/],
    ],
    [
      'holiday list',
      `${GOOD}holidays: { list: us-ferc }\n`,
      ['bad.yaml:19:19 holidays/list "us-ferc" is no list; did you mean "us-nerc"?'],
    ],
    [
      'day that does not exist',
      GOOD.replace('validFrom: 2026-01-01', 'validFrom: 2026-02-30'),
      ['bad.yaml:6:12 validFrom 2026-02-30 is no day'],
    ],
    [
      'two ways to price power',
      `${GOOD}demand: [{ name: D, windowMin: 15, pricePerKw: 1, steps: [{ price: 1 }] }]\n`,
      [
        'bad.yaml:19:10 demand/0 needs exactly one of pricePerKw, steps; pricePerKw and steps are given',
      ],
    ],
    [
      'window length',
      `${GOOD}demand: [{ name: D, windowMin: 20, pricePerKw: 1 }]\n`,
      ['bad.yaml:19:32 demand/0/windowMin must be one of 5, 15, 30, 60'],
    ],
    [
      'a name that is none',
      `${GOOD}constants: { Margin: 0.01 }\n`,
      [/^bad\.yaml:19:14 constants\/Margin "Margin" is no possible name: Numbers for formulas/],
    ],
    [
      'carbon with no last rate',
      `${GOOD}carbon: { rates: [{ gramsPerKwh: 1, when: { days: weekend } }] }\n`,
      ['bad.yaml:19:19 carbon/rates/0 the last one is for all other times: no when'],
    ],
  ])('%s', async (_, text, expected) => {
    const problems = await problemsOf(text)
    expect(problems).toHaveLength(expected.length)
    for (const [i, wanted] of expected.entries()) {
      if (typeof wanted === 'string') expect(problems[i]).toBe(wanted)
      else expect(problems[i]).toMatch(wanted)
    }
  })

  test('YAML itself', async () => {
    expect((await problemsOf(GOOD.replace('covers: [supply]', 'covers: [supply')))[0]).toMatch(
      /^bad\.yaml:\d+:\d+ /,
    )
    expect((await problemsOf(`${GOOD}id: again\n`))[0]).toMatch(/^bad\.yaml:19:1 .*unique/)
    const bomb = `a: &a [x, x]\n${'bcdefghij'
      .split('')
      .map((key, i) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghij'[i]}`).join(', ')}]`)
      .join('\n')}\n`
    expect((await problemsOf(bomb))[0]).toMatch(/alias/)
    expect((await problemsOf(''))[0]).toMatch(/^bad\.yaml:1:1 must be object, not null/)
  })
})

describe('files', () => {
  test('a name is a tariff of the package, anything else a path', () => {
    expect(tariffPath('us-sce-tou-ev-4-2019')).toMatch(/tariffs\/us-sce-tou-ev-4-2019\.yaml$/)
    expect(tariffPath('./my.yaml')).toBe('./my.yaml')
  })

  test('an unknown name lists the known ones', async () => {
    await expect(loadTariff('us-sce')).rejects.toThrow(/cannot be read; known are .*no-elvia-2025/)
  })

  test('a file is read from its path, and named in problems', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'busbar-tariff-'))
    try {
      const path = join(folder, 'my.yaml')
      await writeFile(path, GOOD)
      expect((await loadTariff(path)).file.id).toBe('good')
      await writeFile(path, GOOD.replace('country: DE', 'country: Germany'))
      await expect(loadTariff(path)).rejects.toThrow(`${path}:3:10 country "Germany"`)
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

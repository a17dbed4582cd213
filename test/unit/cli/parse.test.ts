import { InvalidArgumentError } from 'commander'
import { describe, expect, test } from 'vitest'
import {
  collect,
  evseName,
  integerFrom,
  jsonObject,
  namesOf,
  numberFrom,
  spanMs,
  timeMs,
} from '../../../src/cli/parse.ts'

const refused = (parse: () => unknown): string => {
  try {
    parse()
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidArgumentError)
    return (error as Error).message
  }
  return 'taken'
}

describe('numbers', () => {
  test.each(['0', '20', '20.5', '1e2'])('%s is one', (text) => {
    expect(numberFrom(0, 100)(text)).toBe(Number(text))
  })
  test.each(['', ' ', 'ten', '101', '-1', 'NaN', 'Infinity', '1,5', '0x'])(
    '"%s" is none',
    (text) => {
      expect(refused(() => numberFrom(0, 100)(text))).toBe('Give a number from 0 to 100.')
    },
  )
  test.each(['1.5', '256', '', '1e2'])('"%s" is no whole number from 0 to 255', (text) => {
    expect(refused(() => integerFrom(0, 255)(text))).toMatch('whole number from 0 to 255')
  })
})

describe('times', () => {
  test.each([
    ['2026-11-22T18:00:00Z', Date.UTC(2026, 10, 22, 18)],
    ['2026-11-22T18:00+01:00', Date.UTC(2026, 10, 22, 17)],
    ['2026-11-22T18:00', new Date(2026, 10, 22, 18).getTime()],
  ])('%s', (text, wanted) => {
    expect(timeMs(text)).toBe(wanted)
  })
  test.each([
    '18:00',
    '2026-11-22',
    'tomorrow',
    '2026-13-01T00:00Z',
    '2026-02-30T10:00',
    '2026-11-22 18:00',
  ])('"%s" is none', (text) => {
    expect(refused(() => timeMs(text))).toMatch('2026-11-22T18:00')
  })
})

describe('lengths of time', () => {
  test.each([
    ['45m', 2_700_000],
    ['12h', 43_200_000],
    ['30d', 2_592_000_000],
    ['2w', 1_209_600_000],
    ['90s', 90_000],
  ])('%s', (text, wanted) => {
    expect(spanMs(text)).toBe(wanted)
  })
  test.each(['0d', '30', 'd', '-1h', '1y', '1.5h', '9999999d'])('"%s" is none', (text) => {
    expect(refused(() => spanMs(text))).toMatch('30d')
  })
})

describe('names', () => {
  const parse = namesOf(['read', 'operate', 'admin'])
  test('come in their own order, once', () => {
    expect(parse('admin, read,admin')).toEqual(['read', 'admin'])
  })
  test.each(['', 'read,', 'write', 'read;operate'])('"%s" is refused', (text) => {
    expect(refused(() => parse(text))).toMatch('read, operate, admin')
  })
  test('an option may be repeated', () => {
    expect(collect('b', collect('a'))).toEqual(['a', 'b'])
  })
})

describe('an EVSE', () => {
  test.each([
    ['GARAGE-1', { stationId: 'GARAGE-1', evseId: null }],
    ['GARAGE-1/2', { stationId: 'GARAGE-1', evseId: 2 }],
  ])('%s', (text, wanted) => {
    expect(evseName(text)).toEqual(wanted)
  })
  test.each(['', '/1', 'A/B', 'A/1/2', 'A/'])('"%s" is none', (text) => {
    expect(refused(() => evseName(text))).toMatch('STATION/EVSE')
  })
})

describe('a payload', () => {
  test('is a JSON object', () => {
    expect(jsonObject('{"type":"Soft"}')).toEqual({ type: 'Soft' })
  })
  test.each(['[]', '1', 'null', '"x"'])('%s is none', (text) => {
    expect(refused(() => jsonObject(text))).toMatch('JSON object')
  })
  test('is refused with the place where it is no JSON', () => {
    expect(refused(() => jsonObject('{type: 1}'))).toMatch(/not JSON: .*position 1/)
  })
})

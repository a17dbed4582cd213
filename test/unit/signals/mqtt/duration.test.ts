import { expect, test } from 'vitest'
import { parseDuration } from '../../../../src/signals/mqtt/duration.ts'

test.each([
  ['PT15M', 900_000],
  ['PT1H30M', 5_400_000],
  ['P1D', 86_400_000],
  ['P1DT1S', 86_401_000],
  ['P2W', 1_209_600_000],
  ['PT0.5S', 500],
  ['PT0S', 0],
])('%s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each(['P1Y', 'P1M', '-PT1H', '15M', 'PT1H1D', ''])('"%s" is none', (text) => {
  expect(parseDuration(text)).toBeNull()
})

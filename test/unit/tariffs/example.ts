import { DateTime } from 'luxon'
import { parseTariff } from '../../../src/tariffs/load.ts'
import type { MeteredSeries } from '../../../src/tariffs/meter.ts'
import type { Tariff } from '../../../src/tariffs/tariff.ts'

const HEAD = `
id: example
name: Example
country: DE
currency: EUR
timeZone: Europe/Berlin
validFrom: 2026-01-01
covers: [supply, delivery, taxes]
source: { name: made up for tests, kind: secondary, read: 2026-11-22 }
verified: true
`

/** A tariff of the test with the given parts of a file, in Berlin. */
export const exampleTariff = (parts: string, head = HEAD): Promise<Tariff> =>
  parseTariff(`${head}${parts}`, 'example.yaml')

/** Local time in Berlin as milliseconds. */
export const berlin = (text: string): number =>
  DateTime.fromISO(text, { zone: 'Europe/Berlin' }).toMillis()

/** A meter of constant power in kW but for some stretches, by the clock of Berlin. */
export const metered = (
  from: string,
  to: string,
  stepS: number,
  kw: number,
  except: readonly (readonly [from: string, to: string, kw: number])[] = [],
): MeteredSeries => {
  const startMs = berlin(from)
  const steps = (berlin(to) - startMs) / (stepS * 1000)
  const stepWh = (power: number): number => (power * 1000 * stepS) / 3600
  const importWh = new Float64Array(steps).fill(stepWh(kw))
  const stepAt = (text: string): number => (berlin(text) - startMs) / (stepS * 1000)
  for (const [start, end, power] of except) {
    importWh.fill(stepWh(power), stepAt(start), stepAt(end))
  }
  return { startMs, stepS, importWh }
}

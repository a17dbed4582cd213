import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { unverifiedCharges } from '../../../src/tariffs/cost.ts'
import { loadTariff, SHIPPED_DIR, shippedTariffs } from '../../../src/tariffs/load.ts'
import { tariffPrices } from '../../../src/tariffs/price-series.ts'
import { tariffJsonSchema } from '../../../src/tariffs/schema.ts'
import { localDays } from '../../../src/tariffs/zone.ts'

const validate = new Ajv2020().compile(tariffJsonSchema())
const ids = await shippedTariffs()

test('there are tariffs for every country that we promise', () => {
  const countries = new Set(ids.map((id) => id.slice(0, 2)))
  for (const country of ['us', 'gb', 'de', 'nl', 'be', 'se', 'fr', 'au', 'no']) {
    expect(countries).toContain(country)
  }
  expect(ids.length).toBeGreaterThanOrEqual(12)
})

describe.each(ids)('%s', (id) => {
  test('is named as its file, states source and date, and is honest about doubt', async () => {
    const tariff = await loadTariff(id)
    const { file } = tariff
    expect(file.id).toBe(id)
    expect(file.source.name.length).toBeGreaterThan(5)
    expect(file.source.read).toMatch(/^\d{4}-\d{2}-\d{2}$/)
    expect(file.source.read <= new Date().toISOString().slice(0, 10)).toBe(true)
    expect(file.verified).toBe(unverifiedCharges(tariff).length === 0)
  })

  test('fits the published schema', () => {
    const value: unknown = parse(readFileSync(join(SHIPPED_DIR, `${id}.yaml`), 'utf8'))
    expect(validate(value), JSON.stringify(validate.errors)).toBe(true)
  })

  test('prices a whole year without a gap', async () => {
    const tariff = await loadTariff(id)
    const days = localDays(tariff.file.timeZone, Number(tariff.file.validFrom.slice(0, 4)))
    const startMs = days[0].startMs
    const endMs = days.at(-1)!.endMs
    for (const series of tariffPrices(tariff, startMs, endMs)) {
      expect(series.segments[0].startMs).toBe(startMs)
      expect(series.segments.at(-1)!.endMs).toBe(endMs)
      for (const [i, segment] of series.segments.entries()) {
        expect(segment.endMs).toBeGreaterThan(segment.startMs)
        expect(Number.isFinite(segment.value)).toBe(true)
        if (i > 0) expect(segment.startMs).toBe(series.segments[i - 1].endMs)
      }
    }
  })
})

test('SCE TOU-EV-4 of 2019 equals the schedule of acnportal', async () => {
  const original = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../data/sce_tou_ev_4_march_2019.json'), 'utf8'),
  ) as {
    schedule: {
      effective_start: string
      effective_end: string
      dow_mask: 'WEEKDAYS' | 'WEEKENDS'
      times: number[]
      tariffs: number[]
      demand_charge: number
    }[]
  }
  const tariff = await loadTariff('us-sce-tou-ev-4-2019')
  for (const day of localDays('America/Los_Angeles', 2019)) {
    const date = `${String(day.month).padStart(2, '0')}-${String(day.day).padStart(2, '0')}`
    const mask = day.weekday > 5 ? 'WEEKENDS' : 'WEEKDAYS'
    const schedule = original.schedule.find(
      ({ effective_start: from, effective_end: to, dow_mask }) =>
        dow_mask === mask && (from <= to ? date >= from && date <= to : date >= from || date <= to),
    )!
    const [{ segments }] = tariffPrices(tariff, day.startMs, day.endMs)
    for (const piece of day.pieces) {
      for (let at = piece.startMs; at < piece.endMs; at += 1_800_000) {
        const hour = (piece.wallMin + (at - piece.startMs) / 60_000) / 60
        const wanted = schedule.tariffs[schedule.times.findLastIndex((time) => time <= hour)]
        expect(segments.find(({ endMs }) => endMs > at)?.value).toBe(wanted)
      }
    }
    expect(tariff.demand[0].charge.pricePerKw).toBe(schedule.demand_charge)
  }
})

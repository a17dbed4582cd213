import { expect } from 'vitest'
import type { PriceSeries } from '../../../../src/domain/price.ts'
import type { Health } from '../../../../src/ports/meter-source.ts'

/** What every price source promises of every series: no gap, ascending, from now on. */
export const expectUsable = (series: PriceSeries, nowMs: number, horizonMs: number): void => {
  const { segments } = series
  expect(segments.length).toBeGreaterThan(0)
  expect(segments[0].startMs).toBeLessThanOrEqual(nowMs)
  expect(segments.at(-1)!.endMs).toBeGreaterThanOrEqual(nowMs + horizonMs)
  for (const [i, { startMs, endMs, value }] of segments.entries()) {
    expect(endMs).toBeGreaterThan(startMs)
    expect(Number.isFinite(value)).toBe(true)
    if (i > 0) expect(startMs).toBe(segments[i - 1].endMs)
  }
}

export const expectHealth = (health: Health, ok: boolean, detail: RegExp): void => {
  expect(health.ok).toBe(ok)
  expect(health.detail).toMatch(detail)
  expect(Number.isFinite(health.sinceMs)).toBe(true)
}

/** `value from-to` by UTC hours, for short expectations. */
export const show = (series: PriceSeries): string[] =>
  series.segments.map(({ startMs, endMs, value }) => {
    const hour = (ms: number): string => new Date(ms).toISOString().slice(8, 16)
    return `${hour(startMs)} ${hour(endMs)} ${value}`
  })

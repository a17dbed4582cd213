import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkEvent, checkManifest } from '../../../../src/signals/mqtt/schemas.ts'
import { T0 } from '../../../fixtures/grid-site.ts'
import { iso } from '../../../fixtures/wire-event.ts'

describe('manifests', () => {
  const manifest = { seq: 1, at: iso(T0), events: [] }

  test.each([
    ['bare', manifest],
    [
      'with events',
      { ...manifest, events: [{ eventId: 'e1', modification: 0, status: 'issued' }] },
    ],
    [
      'with defaults',
      {
        ...manifest,
        defaults: [{ signal: { kind: 'importLimit', unit: 'kW' }, value: 0, programId: 'p' }],
      },
    ],
    ['with more than we know', { ...manifest, region: 'north' }],
  ])('%s', (_name, document) => {
    expect(checkManifest(document)).toMatchObject({ ok: true })
  })

  test.each([
    ['no sequence', { ...manifest, seq: undefined }, /seq/],
    ['an event without version', { ...manifest, events: [{ eventId: 'e1' }] }, /modification/],
    [
      'a default in magic',
      { ...manifest, defaults: [{ signal: { kind: 'magic', unit: 'kW' }, value: 0 }] },
      /defaults\/0\/signal\/kind/,
    ],
  ])('%s', (_name, document, reason) => {
    const checked = checkManifest(JSON.parse(JSON.stringify(document)))
    expect(checked.ok).toBe(false)
    if (!checked.ok) expect(checked.reason).toMatch(reason)
  })
})

test('the event of the guide is one', () => {
  const guide = join(import.meta.dirname, '../../../../docs/guides/grid-events.md')
  const [, example] = /```json\n(.*?)```/s.exec(readFileSync(guide, 'utf8')) ?? []
  expect(checkEvent(JSON.parse(example))).toMatchObject({ ok: true })
})

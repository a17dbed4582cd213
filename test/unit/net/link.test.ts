import { beforeEach, describe, expect, test } from 'vitest'
import { createVirtualClock, type VirtualClock } from '../../../src/domain/virtual-clock.ts'
import { createLink, type Link, type LinkOptions } from '../../../src/net/link.ts'
import { recordingLog, type LogEntry } from '../../fixtures/recording-log.ts'

describe('a connection that is kept up', () => {
  let clock: VirtualClock
  let entries: LogEntry[]
  /** What the next attempts do: an error text, or null to succeed. */
  let outcomes: (string | null)[]
  let attempts: number[]
  let lost: (reason: string) => void
  let closed: number

  const linkOf = (options: Partial<LinkOptions> = {}, random = 0.5): Link => {
    const recording = recordingLog()
    entries = recording.entries
    return createLink(
      async (onLost) => {
        attempts.push(clock.now())
        const failure = outcomes.shift() ?? null
        if (failure !== null) throw new Error(failure)
        lost = onLost
        return async () => {
          closed += 1
        }
      },
      { address: 'mqtt://broker', minRetryMs: 1_000, maxRetryMs: 8_000, ...options },
      { clock, log: recording.log, random: { next: () => random } },
    )
  }

  const messages = (): string[] => entries.map(({ level, message }) => `${level}: ${message}`)

  beforeEach(() => {
    clock = createVirtualClock(0)
    outcomes = []
    attempts = []
    closed = 0
  })

  test('says nothing and does nothing before it is opened', async () => {
    const link = linkOf()
    await clock.advanceTo(60_000)
    expect(attempts).toEqual([])
    expect(link.health()).toEqual({ ok: false, sinceMs: 0, detail: 'not started' })
    await link.close()
  })

  test('pauses double, with jitter, up to the longest', async () => {
    outcomes = Array.from({ length: 6 }, () => 'refused')
    const link = linkOf()
    link.open()
    await clock.advanceTo(60_000)
    // 0.75 of 1, 2, 4, 8, 8, 8 s.
    expect(attempts).toEqual([0, 750, 2_250, 5_250, 11_250, 17_250, 23_250])
    expect(link.health()).toMatchObject({ ok: true, sinceMs: 23_250 })
    await link.close()
  })

  test('the pause lies between half and all of its ceiling', async () => {
    for (const [random, second] of [
      [0, 500],
      [0.999, 999.5],
    ] as const) {
      clock = createVirtualClock(0)
      attempts = []
      outcomes = ['refused']
      const link = linkOf({}, random)
      link.open()
      await clock.advanceTo(5_000)
      expect(attempts[1]).toBeCloseTo(second, 6)
      await link.close()
    }
  })

  test('a loss is closed and made good; a short-lived connection does not reset the pause', async () => {
    outcomes = ['refused', 'refused']
    const link = linkOf()
    link.open()
    await clock.advanceTo(10_000)
    expect(attempts).toEqual([0, 750, 2_250])
    lost('kicked')
    await clock.advanceTo(12_999)
    expect(link.health()).toEqual({ ok: false, sinceMs: 10_000, detail: 'mqtt://broker: kicked' })
    expect(closed).toBe(1)
    await clock.advanceTo(13_000)
    expect(attempts.at(-1)).toBe(13_000)
    await clock.advanceTo(50_000)
    lost('broke')
    await clock.advanceTo(50_750)
    expect(attempts.at(-1)).toBe(50_750)
    await link.close()
  })

  test('each trouble is logged once', async () => {
    outcomes = ['refused', 'refused', 'refused', 'not authorised', null]
    const link = linkOf()
    link.open()
    await clock.advanceTo(60_000)
    expect(messages()).toEqual(['warn: no connection', 'warn: no connection', 'info: connected'])
    expect(entries[1].fields).toMatchObject({ detail: 'not authorised' })
    await link.close()
  })

  test('closing ends the connection, and any waiting attempt', async () => {
    const link = linkOf()
    link.open()
    await clock.advanceTo(1)
    await link.close()
    expect(closed).toBe(1)
    lost('too late')
    await clock.advanceTo(60_000)
    expect(attempts).toHaveLength(1)
    outcomes = ['refused']
    link.open()
    await clock.advanceTo(60_001)
    await link.close()
    await clock.advanceTo(120_000)
    expect(attempts).toHaveLength(2)
    expect(link.health()).toMatchObject({ ok: false, detail: 'mqtt://broker: closed' })
  })
})

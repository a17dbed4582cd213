import { describe, expect, test } from 'vitest'
import { cliBench } from './api-bench.ts'

describe('events over the API', () => {
  test('send prints what becomes of it', async () => {
    const { bench, busbar } = await cliBench()
    const argv =
      'event send --limit-kw 20 --minutes 10 --id peak --scope connection --target main --class mandatory --priority 3'
    const { code, out, err } = await busbar(argv.split(' '))
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out.split('\n')).toEqual([
      'event peak, version 0, by the API',
      '  09:00:00  received',
      '  09:00:00  accepted: commits to 20.0 kW',
      '  09:00:00  started',
    ])
    expect(bench.events.find('api', 'peak')?.event).toMatchObject({
      eventClass: 'mandatory',
      priority: 3,
      targets: ['main'],
      signal: { kind: 'import-limit', unit: 'W', scope: 'connection' },
      intervals: [{ value: 20_000 }],
    })
  })

  test('the same id again is a new version of it', async () => {
    const { bench, busbar } = await cliBench()
    await busbar(['event', 'send', '--limit-kw', '20', '--id', 'peak'])
    const { code, out } = await busbar(['event', 'send', '--limit-kw', '15', '--id', 'peak'])
    expect(code).toBe(0)
    expect(out).toMatch(/^event peak, version 1, by the API/)
    expect(bench.events.find('api', 'peak')?.event.intervals[0].value).toBe(15_000)
  })

  test('an event for later is agreed upon, not waited for', async () => {
    const { busbar, json } = await cliBench()
    const later = ['event', 'send', '--limit-kw', '20', '--start', '2026-11-22T12:00:00Z']
    expect((await busbar(later)).out).toMatch(/accepted: commits to 20\.0 kW$/)
    const { event, acknowledgements } = await json<{
      event: { start: string }
      acknowledgements: { state: string; committedW: number[] | null }[]
    }>(...later)
    expect(event.start).toBe('2026-11-22T12:00:00.000Z')
    expect(acknowledgements.map(({ state }) => state)).toEqual(['received', 'accepted'])
    expect(acknowledgements[1].committedW).toEqual([20_000])
  })

  test.each([
    [['--limit-kw', '20', '--target', 'nowhere'], 'nowhere'],
    [['--limit-a', '20', '--scope', 'controllable'], 'cannot be in A'],
    [['--kind', 'level', '--value', '9'], 'level 9 is not configured'],
  ])('%j is refused with the reason', async (argv, reason) => {
    const { busbar } = await cliBench()
    const { code, out, err } = await busbar(['event', 'send', ...argv])
    expect(code).toBeGreaterThan(0)
    expect(out).toBe('')
    expect(err).toContain(reason)
  })

  test('cancel ends it, and says when it has', async () => {
    const { bench, busbar } = await cliBench()
    await busbar(['event', 'send', '--limit-kw', '20', '--id', 'peak'])
    const cancelled = busbar(['event', 'cancel', 'peak', '--wait', '20'])
    const seconds = setInterval(() => void bench.run(1), 50)
    const { code, out } = await cancelled
    clearInterval(seconds)
    expect(code).toBe(0)
    expect(out).toMatch(
      /^cancels event peak, version 1, by the API\n {2}09:\d\d:\d\d {2}received\n {2}09:\d\d:\d\d {2}cancelled$/,
    )
    expect(await busbar(['event', 'cancel', 'peak'])).toMatchObject({
      code: 1,
      err: 'busbar: event api/peak is over: it is cancelled',
    })
    expect((await busbar(['event', 'list'])).out).toBe('there are no events')
    const all = (await busbar(['event', 'list', '--all'])).out.split('\n')
    expect(all[1]).toMatch(/^api\/peak +1 +contract +import limit 20\.0 kW .* cancelled$/)
  })

  test('only its authority can cancel an event', async () => {
    const { busbar } = await cliBench()
    const { code, err } = await busbar(['event', 'cancel', 'dso/peak'])
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('dso/peak') })
  })
})

describe('tokens', () => {
  test('create prints the secret alone on standard output; list and revoke go by its id', async () => {
    const { busbar, json } = await cliBench()
    const argv = ['token', 'create', '--label', 'scraper', '--scope', 'read', '--expires', '30d']
    const { code, out, err } = await busbar(argv)
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/^bsb_[\w-]{43}$/) })
    expect(err).toMatch(/^Token \w+ \(scraper: read; expires 2026-12-22 .*shown this once:$/)

    const tokens = await json<{ id: string; label: string; expiresAt: string }[]>('token', 'list')
    const made = tokens.find(({ label }) => label === 'scraper')
    expect(made?.expiresAt).toMatch(/^2026-12-22T08:00/)
    const table = (await busbar(['token', 'list'])).out
    expect(table).toMatch(/^\w+ +scraper +read +2026-11-22/m)
    expect(table).not.toContain(out)

    const revoked = await busbar(['token', 'revoke', String(made?.id)])
    expect(revoked).toEqual({ code: 0, out: `token ${made?.id} is revoked`, err: '' })
    expect((await busbar(['token', 'list'])).out).not.toContain('scraper')
  })

  test('times are those of the site; who may not look at it is told whose they are', async () => {
    const { busbar } = await cliBench()
    const own = Intl.DateTimeFormat().resolvedOptions().timeZone
    const argv = ['token', 'create', '--label', 'scraper', '--scope', 'read', '--expires', '30d']
    const seen = await busbar(argv)
    expect(seen.err).toMatch(/; expires 2026-12-22 09:00\)/)
    const listed = await busbar(['token', 'list'])
    expect(listed).toMatchObject({ code: 0, err: '' })
    expect(listed.out).toMatch(/ scraper +read +2026-11-22 09:00 +2026-12-22 09:00$/m)

    const blind = await busbar(argv, 'admin')
    expect(blind.err).toContain(` (times in ${own})`)
    const alone = await busbar(['token', 'list'], 'admin')
    expect(alone).toMatchObject({ code: 0, err: `times in ${own}` })
    expect(alone.out).toMatch(/ scraper +read +2026-11-22 \d\d:00 /m)
  })

  test('who may not make tokens is told what is missing', async () => {
    const { busbar } = await cliBench()
    const argv = ['token', 'create', '--label', 'x', '--scope', 'admin']
    const { code, out, err } = await busbar(argv, 'read', 'operate')
    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toBe('busbar: This needs a token with scope admin; yours has read, operate')
  })
})

describe('a command to a station', () => {
  test('prints the answer', async () => {
    const { bench, busbar } = await cliBench()
    bench.stationAnswers({ ok: true, response: { status: 'Accepted' } })
    const argv = ['station', 'command', 'CP1', 'Reset', '{"type":"Soft"}']
    expect(await busbar(argv)).toEqual({ code: 0, out: '{"status":"Accepted"}', err: '' })
    expect(bench.sent).toEqual([{ method: 'call', args: ['CP1', 'Reset', { type: 'Soft' }] }])
  })

  test('a station that is not there, and one that answers with an error', async () => {
    const { bench, busbar } = await cliBench()
    bench.stationAnswers({ ok: false, reason: 'offline', detail: 'it is not connected' })
    const argv = ['station', 'command', 'CP1', 'ClearCache']
    expect(await busbar(argv)).toMatchObject({ code: 1, err: 'busbar: CP1: it is not connected' })
    bench.stationAnswers({
      ok: false,
      reason: 'call-error',
      code: 'NotSupported',
      detail: 'NotSupported: no cache',
    })
    const { code, err } = await busbar([...argv, '--json'])
    expect(code).toBe(1)
    expect(JSON.parse(err)).toMatchObject({
      error: { code: 'station-call-error', details: { station: { code: 'NotSupported' } } },
    })
  })
})

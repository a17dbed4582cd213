import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Evse, Plan } from '../../src/web/wire.ts'
import { event, station } from '../unit/web/sites.ts'
import { fakeEvse, fakeNode, fakeSite, snapshotOf, startFakeApi, type FakeApi } from './web-fake.ts'
import {
  axeViolations,
  openBrowser,
  servePage,
  type Browser,
  type PageServer,
} from './web-support.ts'

let api: FakeApi
let server: PageServer
let browser: Browser
let page: Page

beforeAll(async () => {
  api = await startFakeApi()
  server = await servePage(api.url)
  browser = await openBrowser(server)
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await server?.close()
  await api?.close()
})

afterEach(async () => {
  await page.close()
  expect(browser.complaints).toEqual([])
})

const open = async (): Promise<void> => {
  page = await browser.open(`${server.url}#token=bsb_any`)
}

const ago = (ms: number): string => new Date(Date.now() - ms).toISOString()

test('what is not known is a dash, never a zero', async () => {
  const shown = fakeSite()
  const [hall] = shown.site.loads
  api.show({
    ...shown,
    site: { ...shown.site, gridW: null, loads: [{ ...hall, meterId: null, reading: null }] },
    nodes: [fakeNode('main', { now: null })],
    evses: [fakeEvse('ONE/1', { grant: null, transactionId: 't', sessionId: 's' })],
  })
  await open()
  await page.getByText('Live', { exact: true }).waitFor()
  for (const source of await page.locator('.source > b').allInnerTexts()) {
    expect(source).toMatch(/^–/)
  }
  expect(await page.locator('.total').innerText()).toMatch(/^Grid –/)
  expect(await page.locator('.chargers tbody').innerText()).not.toMatch(/\d\s(kW|A|kWh)\b/)
  await page.getByText('There is no plan yet.').waitFor()
  await page.getByText('Nothing is known yet.').waitFor()
  expect(await axeViolations(page)).toEqual([])
})

test('the failsafe and stale meters cannot be overlooked', async () => {
  const shown = fakeSite()
  const [hall] = shown.site.loads
  const node = fakeNode('main', { meterId: 'grid' })
  const silence = {
    code: 'meter-stale',
    text: 'Meter grid has been silent for 40 s',
    meterId: 'grid',
  }
  api.show({
    ...shown,
    site: {
      ...shown.site,
      failsafe: 'the storage does not answer',
      loads: [{ ...hall, reading: { ...hall.reading!, stale: true, ageS: 125 } }],
    },
    nodes: [
      {
        ...node,
        now: {
          ...node.now!,
          headroomA: [-3, 50, 50],
          problems: [silence],
        },
      },
    ],
  })
  await open()
  const banner = page.getByText('the storage does not answer')
  expect(await banner.innerText()).toMatch(/^Failsafe: the storage does not answer/)
  const grid = page.locator('.source').filter({ hasText: 'Grid' })
  expect(await grid.innerText()).toContain('worked out: its meter is silent')
  expect(await page.locator('.source.stale').filter({ hasText: 'Hall' }).innerText()).toMatch(
    /2\smin old/,
  )
  await page.getByText('Meter grid has been silent for 40 s').waitFor()
  expect(await page.locator('.bar-row').first().innerText()).toMatch(/3\sA over/)
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    expect(await axeViolations(page)).toEqual([])
  }

  api.send('site', { id: 'fake', at: ago(0), data: { failsafe: null } })
  await page.getByText('Normal operation').waitFor()
})

test('a controller that is silent is said, with the age of what is shown', async () => {
  const shown = fakeSite()
  api.show({ ...shown, site: { ...shown.site, at: ago(0) } })
  page = await browser.context.newPage()
  await page.clock.install()
  await page.goto(`${server.url}#token=bsb_any`)
  await page.getByText('Live', { exact: true }).waitFor()
  await page.clock.fastForward(10_500)
  await page.getByText('The controller is silent').waitFor()
  expect(await page.locator('.link').innerText()).toMatch(/stale since .*\(1[01]\ss\)/)
  expect(await page.locator('main').getAttribute('data-stale')).not.toBeNull()
  expect(await axeViolations(page)).toEqual([])
})

test('a stream that resumes reads nothing anew, unless the server says so', async () => {
  api.show(fakeSite())
  await open()
  await page.getByText('Live', { exact: true }).waitFor()
  const before = api.streams()
  api.show(fakeSite({ evses: [fakeEvse('ONE/1'), fakeEvse('TWO/1')] }))
  server.cut()
  await page.getByText('Reconnecting').waitFor()
  server.restore()
  await page.getByText('Live', { exact: true }).waitFor()
  expect(api.streams()).toBe(before + 1)
  expect(await page.getByRole('button', { name: 'TWO/1' }).count()).toBe(0)
  api.send('reset', { reason: 'restart' })
  await page.getByRole('button', { name: 'TWO/1' }).waitFor()
})

/** A day from a full hour on: the first and the last hour stand at the ends of the axis. */
const dayPlan = (startMs: number): Plan => ({
  id: 'p',
  createdAt: new Date(startMs).toISOString(),
  start: new Date(startMs).toISOString(),
  stepS: 900,
  steps: 96,
  method: 'optimal',
  fallbackBecause: null,
  sessions: [],
  controlledW: Array.from({ length: 96 }, (_, k) => (k < 20 ? 40_000 : 0)),
  baseW: Array.from({ length: 96 }, () => 19_000),
  cost: 10,
  costs: { energy: 10, demand: 0, carbon: 0, shortfall: 0, other: 0 },
  lowerBound: 10,
  gap: 0,
  bottlenecks: [],
})

/** Texts of the chart of which one touches another. */
const TOUCHING = `(() => {
  const texts = [...document.querySelectorAll('.chart text')]
  const boxes = texts.map((text) => text.getBoundingClientRect())
  return texts.flatMap((text, a) =>
    texts.slice(a + 1).flatMap((other, k) => {
      const [one, two] = [boxes[a], boxes[a + 1 + k]]
      const across = one.left < two.right + 2 && two.left < one.right + 2
      const down = one.top < two.bottom && two.top < one.bottom
      return across && down ? [text.textContent + ' and ' + other.textContent] : []
    }),
  )
})()`

test.each([360, 1440])('no text of the plan touches another, %i pixels wide', async (width) => {
  const HOUR_MS = 3_600_000
  // Midnight in Kathmandu, on the marks of any spacing.
  const startMs = Math.floor(Date.now() / (24 * HOUR_MS)) * 24 * HOUR_MS - 5.75 * HOUR_MS
  const segments = [
    {
      start: new Date(startMs).toISOString(),
      end: new Date(startMs + 48 * HOUR_MS).toISOString(),
      value: 0.29,
    },
  ]
  const prices = { series: [{ sourceId: 's', kind: 'import' as const, currency: 'EUR', segments }] }
  api.show(fakeSite({ plan: dayPlan(startMs), prices }))
  await open()
  await page.setViewportSize({ width, height: 900 })
  await page.locator('.chart .price text').first().waitFor()
  await expect
    .poll(() => page.locator('.chart svg').evaluate((svg) => svg.clientWidth))
    .toBeLessThan(width)
  expect(await page.locator('.chart .hours text').allTextContents()).toContain('00:00')
  expect(await page.evaluate(TOUCHING)).toEqual([])
})

test.each([360, 1440])('a large node has room for its figures, %i pixels wide', async (width) => {
  const node = fakeNode('main', { limitW: 1_700_000 })
  const now = { ...node.now!, uncontrolledW: 1_062_000, headroomA: [-1234.5, 50, 50] as const }
  api.show(fakeSite({ nodes: [{ ...node, now }] }))
  await open()
  await page.setViewportSize({ width, height: 900 })
  await page.locator('.bar-row', { hasText: 'kW' }).waitFor()
  const cut = await page
    .locator('.bar-row span')
    .evaluateAll((spans) => spans.filter((span) => span.scrollWidth > span.clientWidth).length)
  expect(cut).toBe(0)
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
})

test('a limit of the vehicles is drawn on the base load, and told as it was said', async () => {
  const startMs = Date.now() - 60_000
  const end = new Date(startMs + 4 * 3_600_000).toISOString()
  const intervals = [{ id: 0, start: new Date(startMs).toISOString(), end, value: 15_000 }]
  const limited = event({ state: 'started', start: intervals[0].start, end, intervals })
  api.show(fakeSite({ plan: dayPlan(startMs), events: [limited] }))
  await open()
  const plan = page.getByRole('region', { name: 'Plan of the next 24 hours' })
  await plan.getByText('Event limit').waitFor()
  expect(await plan.locator('.readout').innerText()).toMatch(
    /Base load\s+19\.0\skW[^]*Event limit\s+15\.0\skW for vehicles$/,
  )
  expect(await plan.getByRole('slider').getAttribute('aria-valuetext')).toMatch(
    /event limit 15\.0\skW for vehicles$/,
  )
  await plan.getByText('Show the plan as a table').click()
  expect(await plan.getByRole('row').nth(1).innerText()).toMatch(/15\.0\skW for vehicles$/)
  const [zero, line] = await plan
    .locator('.chart svg')
    .evaluate((svg) =>
      ['.grid .zero', '.line-event'].map(
        (found) => svg.querySelector(found)!.getBoundingClientRect().top,
      ),
    )
  // 34 kW of a scale that ends at 60.
  expect((zero - line) / 232).toBeCloseTo(34 / 60, 1)

  // Later there is no limit: the words get shorter, and the chart stays where it is.
  const top = async () => (await plan.locator('.chart').boundingBox())!.y
  const before = await top()
  await plan.getByRole('slider').focus()
  await page.keyboard.press('End')
  await expect.poll(() => plan.locator('.readout').innerText()).toMatch(/Event limit\s+–/)
  expect(await top()).toBe(before)
})

test('the head of a narrow page: its name and buttons in one row, and no row for a button', async () => {
  api.show(fakeSite())
  await open()
  await page.setViewportSize({ width: 360, height: 740 })
  await page.getByText('Live', { exact: true }).waitFor()
  const middle = (name: string): Promise<number> =>
    page.locator(name).evaluate((element) => {
      const { top, height } = element.getBoundingClientRect()
      return top + height / 2
    })
  expect(await middle('.top .quiet')).toBeCloseTo(await middle('.top h1'), 0)
  expect(await middle('.top .icon')).toBeCloseTo(await middle('.top h1'), 0)
  expect(await middle('.top .link')).toBeCloseTo(await middle('.top .chip:not(.link)'), 0)
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
})

const strangers = (): Locator => page.getByRole('region', { name: 'Unknown stations' })
const stranger = (id: string): Locator => strangers().getByRole('listitem').filter({ hasText: id })

test('unknown stations appear, change and go while one looks', async () => {
  api.show(fakeSite())
  await open()
  await page.getByText('Live', { exact: true }).waitFor()
  expect(await strangers().count()).toBe(0)
  const tell = (id: string, data: unknown): void => api.send('station', { id, at: ago(0), data })
  tell('ONE', station('ONE', { state: 'known' }))
  tell('VISITOR', station('VISITOR', { createdAt: ago(3_600_000), connectedAt: ago(60_000) }))
  await stranger('VISITOR').waitFor()
  expect(await stranger('VISITOR').innerText()).toMatch(
    /VISITOR\s+quarantined\s+Acme One, OCPP 1\.6\s+First seen .*, connected since .* from 10\.0\.0\.7$/,
  )
  expect(await strangers().innerText()).toContain('1 in quarantine')
  // This token may steer, and still not say who belongs to the site.
  expect(await strangers().getByRole('button').count()).toBe(0)
  expect(await strangers().innerText()).toContain('A token with the scope admin')
  tell('VISITOR', station('VISITOR', { online: false, connectedAt: null, lastSeenAt: ago(0) }))
  await expect.poll(() => stranger('VISITOR').innerText()).toMatch(/offline[^]*last seen/)
  tell('VISITOR', station('VISITOR', { state: 'known' }))
  await strangers().waitFor({ state: 'detached' })
})

test.each([
  ['light', 1440],
  ['dark', 1440],
  ['light', 360],
  ['dark', 360],
] as const)('many unknown stations: %s, %i pixels wide', async (colorScheme, width) => {
  const stations = Array.from({ length: 30 }, (_, k) =>
    station(`VISITOR-${k}`, { createdAt: ago((k + 1) * 60_000), online: k % 2 === 0 }),
  )
  const long = station('W'.repeat(120), { createdAt: ago(0), vendor: 'V'.repeat(50) })
  const adopted = station('LET-IN', { state: 'adopted' })
  api.show(
    fakeSite({ stations: [...stations, long, adopted], scopes: ['read', 'operate', 'admin'] }),
  )
  await open()
  await page.emulateMedia({ colorScheme })
  await page.setViewportSize({ width, height: 800 })
  await page.getByText('Live', { exact: true }).waitFor()
  expect(await strangers().getByRole('listitem').count()).toBe(24)
  const words = await strangers().innerText()
  expect(words).toContain('31 in quarantine, 1 adopted')
  expect(words).toContain('8 more are not shown; busbar stations lists all.')
  expect(await axeViolations(page)).toEqual([])
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)

  await strangers().getByRole('button', { name: 'Adopt… VISITOR-0', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: 'Adopt this station?' })
  expect(await axeViolations(page)).toEqual([])
  await dialog.getByLabel('Password').fill('short')
  await dialog.getByRole('button', { name: 'Adopt it' }).click()
  expect(await dialog.locator('input:invalid').count()).toBe(1)
  expect(await dialog.locator('.fault').textContent()).toBe('')
  // The stand-in refuses: the dialog stays, with its words.
  await dialog.getByLabel('Password').fill('')
  await dialog.getByRole('button', { name: 'Adopt it' }).click()
  await dialog.getByText('nothing at /v1/stations/VISITOR-0/adopt').waitFor()
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
})

test('conditions stand above everything, worst first, and go when they are over', async () => {
  api.show(fakeSite())
  await open()
  await page.setViewportSize({ width: 360, height: 740 })
  await page.getByText('Live', { exact: true }).waitFor()
  const attention = page.getByRole('region', { name: 'Attention' })
  expect(await attention.count()).toBe(0)
  const tell = (key: string, data: object | null): void =>
    api.send('condition', { id: key, at: ago(0), data })
  const condition = (key: string, severity: 'alarm' | 'warning', what: string): object => ({
    key,
    kind: 'disk-full',
    severity,
    what,
    where: 'site.db',
    remedy: 'Free space on this volume',
    since: ago(120_000),
  })
  tell('a', condition('a', 'warning', 'CP1/1 sends no samples'))
  tell('b', condition('b', 'alarm', 'The disk is full'))
  await attention.getByText('The disk is full').waitFor()
  expect(await attention.innerText()).toMatch(
    /1 alarm, 1 warning[^]*The disk is full[^]*Free space[^]*since[^]*CP1\/1 sends no samples/,
  )
  expect(await axeViolations(page)).toEqual([])
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360)
  tell('b', null)
  tell('a', null)
  await attention.waitFor({ state: 'detached' })
})

const CHARGERS = 500

const crowd = (powerW: number): Evse[] =>
  Array.from({ length: CHARGERS }, (_, k) => {
    const key = `BAY-${k + 1}/1`
    return fakeEvse(key, {
      status: k % 3 === 0 ? 'charging' : 'available',
      transactionId: k % 3 === 0 ? `t${k}` : null,
      sessionId: k % 3 === 0 ? `s${k}` : null,
      measured: { measuredAt: ago(0), receivedAt: ago(0), currentA: [16, 16, 16], powerW },
    })
  })

test('500 chargers: quick to draw, to find, and to follow', async () => {
  const sessions = crowd(0)
    .filter(({ sessionId }) => sessionId !== null)
    .map(({ stationId, evseId, sessionId, transactionId }) => ({
      id: sessionId!,
      stationId,
      evseId,
      transactionId,
      idToken: null,
      connectedAt: ago(3_600_000),
      startedAt: ago(3_600_000),
      endedAt: null,
      energyWh: 5_000,
      need: { energyWh: 20_000, departure: null, source: 'default' as const },
      priority: 0,
    }))
  const shown = fakeSite({ evses: crowd(11_000), sessions })
  api.show(shown)
  await open()
  const rows = page.locator('.chargers tbody tr')
  await expect.poll(() => rows.count(), { timeout: 10_000 }).toBe(CHARGERS)

  const search = page.getByLabel('Search chargers')
  await search.fill('bay-42')
  await expect.poll(() => rows.count(), { timeout: 5_000 }).toBe(11)
  await search.fill('')
  await expect.poll(() => rows.count(), { timeout: 5_000 }).toBe(CHARGERS)

  // A snapshot that changes every row at once must not hold up the reader.
  await page.evaluate(`
    globalThis.longest = 0
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) longest = Math.max(longest, entry.duration)
    }).observe({ type: 'longtask' })
  `)
  api.send('snapshot', snapshotOf({ ...shown, evses: crowd(7_400) }))
  await expect.poll(() => rows.first().innerText(), { timeout: 5_000 }).toMatch(/7\.4\skW/)
  expect(await page.evaluate('longest')).toBeLessThan(1_000)
})

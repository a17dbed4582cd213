import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Evse } from '../../src/web/wire.ts'
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

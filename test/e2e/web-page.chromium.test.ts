import { connectAsync } from 'mqtt'
import { RPCClient } from 'ocpp-rpc'
import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { startDemo, type Demo } from './web-demo.ts'
import {
  axeViolations,
  openBrowser,
  servePage,
  type Browser,
  type PageServer,
} from './web-support.ts'

// Simulated vehicles take their time to arrive and to start: tests that need them come last.
vi.setConfig({ testTimeout: 60_000 })

let demo: Demo
let server: PageServer
let browser: Browser
let operator: string
let reader: string

beforeAll(async () => {
  demo = await startDemo()
  server = await servePage(demo.apiUrl)
  browser = await openBrowser(server)
  operator = await demo.token('read', 'operate')
  reader = await demo.token('read')
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await server?.close()
  await demo?.stop()
}, 30_000)

let page: Page
const open = async (token: string, more = ''): Promise<void> => {
  page = await browser.open(`${server.url}#token=${token}${more}`)
}
beforeEach(() => {
  expect(browser.complaints).toEqual([])
})
afterEach(async () => {
  server.restore()
  await page.close()
  expect(browser.complaints).toEqual([])
})

const text = (locator: Locator): Promise<string> => locator.innerText()

/** Waits until a text is as wished; fails with the text that it was. */
const becomes = async (locator: Locator, wished: RegExp, patienceMs = 15_000): Promise<void> => {
  await expect.poll(() => text(locator), { timeout: patienceMs, interval: 100 }).toMatch(wished)
}

const inKw = (words: string): number => Number(/([\d.]+)\s*kW/.exec(words)?.[1])
const vehicles = (): Locator => page.locator('.source.ev')
const charger = (key: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('button', { name: key, exact: true }) })
const eventCard = (id: string): Locator => page.locator('.cards > li').filter({ hasText: id })

const createEvent = async (eventId: string, watts: number): Promise<void> => {
  const response = await fetch(`${demo.apiUrl}v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      eventId,
      signal: { kind: 'import-limit', unit: 'W', scope: 'controllable' },
      intervals: [{ durationS: 1_800, value: watts }],
    }),
  })
  expect(response.status).toBe(201)
}

/** What a utility sends: 25 kW for all vehicles, in an hour. */
const sendFromUtility = async (eventId: string): Promise<void> => {
  const client = await connectAsync(demo.brokerUrl, { protocolVersion: 4 })
  const iso = (afterMs: number): string => new Date(Date.now() + afterMs).toISOString()
  const event = {
    specversion: '1.0',
    id: `${eventId}-0`,
    type: 'gs.event.v1',
    source: 'dso',
    subject: eventId,
    time: iso(0),
    data: {
      eventId,
      modification: 0,
      status: 'issued',
      class: 'contract',
      priority: 5,
      optOut: true,
      issuedAt: iso(0),
      notAfter: iso(600_000),
      start: iso(3_600_000),
      signal: { kind: 'importLimit', unit: 'kW' },
      intervals: [{ id: 0, duration: 'PT30M', value: 25 }],
    },
  }
  await client.publishAsync(`gs/v1/dso/demo/dn/event/${eventId}`, JSON.stringify(event), { qos: 1 })
  await client.endAsync()
}

describe('signing in', () => {
  test('a wrong token, and one that may not read, are refused in words', async () => {
    page = await browser.open(server.url)
    const field = page.getByLabel('API token')
    const submit = page.getByRole('button', { name: 'Sign in' })
    await submit.click()
    await becomes(page.getByRole('alert'), /Paste a token first/)
    await field.fill('bsb_wrong')
    await submit.click()
    await becomes(page.getByRole('alert'), /not known here/)
    await field.fill(await demo.token('operate'))
    await submit.click()
    await becomes(page.getByRole('alert'), /needs the scope “read”/)
    expect(await axeViolations(page)).toEqual([])

    server.cut()
    await field.fill(reader)
    await submit.click()
    await becomes(page.getByRole('alert'), /cannot be reached/)
    server.restore()
    await submit.click()
    await page.getByRole('heading', { name: 'Demo car park' }).waitFor()
  })

  test('a token in the address leaves it at once, and stays in this tab only', async () => {
    await open(reader)
    await page.getByRole('heading', { name: 'Power now' }).waitFor()
    expect(page.url()).toBe(server.url)
    await page.reload()
    await page.getByRole('heading', { name: 'Power now' }).waitFor()
    expect(await page.evaluate('JSON.stringify(localStorage)')).not.toContain('bsb_')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('API token').waitFor()
    expect(await page.evaluate('sessionStorage.length')).toBe(0)
  })

  test('a token that is revoked while the page is open ends in words', async () => {
    const token = await demo.token('read')
    await open(token)
    await page.getByText('Live', { exact: true }).waitFor()
    const { id } = demo.app.tokens.find(token)!
    await demo.app.tokens.revoke(id, 'test')
    // The stream ends with its token; the next attempt is refused.
    server.cut()
    server.restore()
    await becomes(page.getByRole('alert'), /unknown, revoked or expired/)
  })
})

test.each([
  ['light', 1440],
  ['dark', 1440],
  ['dark', 390],
] as const)('axe finds nothing wrong: %s, %i pixels wide', async (colorScheme, width) => {
  await open(reader)
  await page.emulateMedia({ colorScheme })
  await page.setViewportSize({ width, height: 844 })
  await page.getByText('Live', { exact: true }).waitFor()
  expect(await axeViolations(page)).toEqual([])
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
})

test('colours follow the device until somebody chooses', async () => {
  await open(reader)
  await page.emulateMedia({ colorScheme: 'dark' })
  const ground = (): Promise<string> =>
    page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
  const dark = await ground()
  await page.getByRole('button', { name: 'Colours: automatic' }).click()
  const light = await ground()
  expect(light).not.toBe(dark)
  await page.reload()
  await page.getByRole('button', { name: 'Colours: light' }).click()
  expect(await ground()).toBe(dark)
})

test('a lost connection is said, and comes back by itself', async () => {
  await open(reader)
  const link = page.locator('.link')
  await becomes(link, /^Live$/)
  // Not the vehicles: their power is unknown while the first ones have just begun.
  const grid = page.locator('.source.grid')
  await becomes(grid, /kW/)
  server.cut()
  await becomes(link, /^Reconnecting\s+stale since \d\d:\d\d:\d\d/)
  expect(await text(grid)).toMatch(/kW/)
  server.restore()
  await becomes(link, /^Live$/)
})

test('an event of the utility can be left, by those who may', async () => {
  await sendFromUtility('peak-1')
  await open(reader)
  await becomes(eventCard('utility/peak-1'), /Limit 25\.0\skW[^]*accepted/)
  expect(await eventCard('utility/peak-1').getByRole('button').count()).toBe(0)
  await page.close()

  await open(operator)
  await eventCard('utility/peak-1').getByRole('button', { name: 'Opt out…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Opt out of this event?' })
  expect(await axeViolations(page)).toEqual([])
  await dialog.getByLabel('Comment for utility').fill('Fleet leaves early')
  await dialog.getByRole('button', { name: 'Opt out' }).click()
  await becomes(eventCard('utility/peak-1'), /opted out[^]*Fleet leaves early/)
  expect(demo.app.control.events.find('utility', 'peak-1')?.state).toBe('opted-out')
})

/** A charger that nobody has told the site of. */
const knock = async (identity: string): Promise<RPCClient> => {
  const { port } = demo.app.ocpp.server.addresses()[0]
  const client = new RPCClient({
    endpoint: `ws://127.0.0.1:${port}/ocpp`,
    identity,
    protocols: ['ocpp1.6'],
    reconnect: false,
  } as unknown as ConstructorParameters<typeof RPCClient>[0])
  await client.connect()
  await client.call('BootNotification', { chargePointVendor: 'Other', chargePointModel: 'Client' })
  return client
}

test('an unknown charger is seen at once, adopted or removed by those who may', async () => {
  await open(await demo.token('read', 'admin'))
  await page.getByText('Live', { exact: true }).waitFor()
  const strangers = page.getByRole('region', { name: 'Unknown stations' })
  expect(await strangers.count()).toBe(0)
  const clients = [await knock('VISITOR-1'), await knock('VISITOR-2')]
  const card = (id: string): Locator => strangers.getByRole('listitem').filter({ hasText: id })
  for (const id of ['VISITOR-1', 'VISITOR-2']) {
    await becomes(card(id), /quarantined[^]*Other Client, OCPP 1\.6[^]*from (::ffff:)?127\.0\.0\.1/)
  }

  await card('VISITOR-1').getByRole('button', { name: 'Adopt' }).click()
  const adopt = page.getByRole('dialog', { name: 'Adopt this station?' })
  await adopt.getByLabel('Password').fill('correct horse')
  await adopt.getByRole('button', { name: 'Adopt it' }).click()
  await becomes(card('VISITOR-1'), /adopted[^]*Add it to the configuration/)
  const record = demo.app.ocpp.csms.stations.mustFind('VISITOR-1')
  expect([record.state, record.passwordHash === null]).toEqual(['adopted', false])

  for (const id of ['VISITOR-1', 'VISITOR-2']) {
    await card(id).getByRole('button', { name: 'Remove' }).click()
    const remove = page.getByRole('dialog', { name: 'Remove this station?' })
    await remove.getByRole('button', { name: 'Cancel' }).click()
    await remove.waitFor({ state: 'detached' })
    await card(id).getByRole('button', { name: 'Remove' }).click()
    await remove.getByRole('button', { name: 'Remove it' }).click()
    await card(id).waitFor({ state: 'detached' })
    expect(demo.app.ocpp.csms.stations.mustFind(id).state).toBe('removed')
  }
  await strangers.waitFor({ state: 'detached' })
  for (const client of clients) await client.close({ force: true })
})

test('a charger says why, from the list and by its address', async () => {
  await open(reader)
  const key = 'GARAGE-1/1'
  await charger(key).getByRole('button').press('Enter')
  const drawer = page.getByRole('dialog', { name: key })
  await drawer.getByRole('heading', { name: 'Charging profiles' }).waitFor()
  expect(page.url()).toBe(`${server.url}#charger=${key}`)
  await becomes(drawer, /Grid connection › Garage feeder/)
  const failsafe = drawer.getByRole('table', { name: 'Failsafe' })
  await becomes(failsafe, /Desired\s+6\sA[^]*Sent[^]*Accepted\s+6\sA[^]*Verified/)
  expect(await axeViolations(page)).toEqual([])
  await page.keyboard.press('Escape')
  await drawer.waitFor({ state: 'hidden' })
  expect(page.url()).toBe(server.url)
  await page.close()

  await open(reader, '&charger=GARAGE-7/2')
  await page.getByRole('dialog', { name: 'GARAGE-7/2' }).getByText('Grid connection ›').waitFor()
})

test('the site as it is: power, tree, chargers and plan', async () => {
  await open(reader)
  await page.getByText('Live', { exact: true }).waitFor()
  expect(await page.title()).toBe('Demo car park – Busbar')
  const clock = await text(page.locator('.clock'))
  const there = new Date().toLocaleTimeString('en-GB', { timeZone: 'Europe/Amsterdam' })
  expect(clock.slice(0, 2)).toBe(there.slice(0, 2))
  await becomes(vehicles(), /[1-9]\d* charging/, 30_000)
  await expect
    .poll(async () => inKw(await text(vehicles())), { timeout: 30_000 })
    .toBeGreaterThan(1)
  for (const name of ['Grid', 'Building', 'PV roof']) {
    const figure = page.locator('.source').filter({ hasText: name })
    expect(inKw(await text(figure))).toBeGreaterThanOrEqual(0)
  }

  const tree = page.getByRole('region', { name: 'Electrical tree' })
  expect(await tree.getByRole('list').count()).toBe(2)
  expect(await tree.getByRole('img').count()).toBe(9)
  const words = await tree.getByRole('img').first().getAttribute('aria-label')
  expect(words).toMatch(/^L1: uncontrolled [\d.−]+\sA, vehicles .* limit 125\sA, [\d.−]+\sA left$/)

  const table = page.getByRole('table', { name: 'Chargers' })
  expect(await table.getByRole('row').count()).toBe(13)
  await page.getByRole('button', { name: /^Charging/ }).click()
  const charging = await table.getByRole('row').count()
  expect(charging).toBeGreaterThan(1)
  expect(charging).toBeLessThanOrEqual(13)
  await page.getByRole('button', { name: /^All/ }).click()
  await page.getByLabel('Search chargers').fill('street feeder')
  await expect.poll(() => table.getByRole('row').count()).toBe(5)
  await page.getByLabel('Search chargers').fill('')
  const name = table.getByRole('columnheader', { name: 'Charger' })
  await name.getByRole('button').click()
  expect(await name.getAttribute('aria-sort')).toBe('descending')
  expect(await text(table.getByRole('row').nth(1))).toContain('STREET-4/1')

  const plan = page.getByRole('region', { name: 'Plan of the next 24 hours' })
  await becomes(plan, /Charging cost €[\d.]+/, 30_000)
  const scrubber = plan.getByRole('slider')
  await scrubber.focus()
  await page.keyboard.press('End')
  const spoken = /^.*\d\d:\d\d.*base load [\d.−]+\skW, vehicles [\d.]+\skW, price €0\.\d+\/kWh$/
  expect(await scrubber.getAttribute('aria-valuetext')).toMatch(spoken)
  await plan.getByText('Show the plan as a table').click()
  await expect.poll(() => plan.getByRole('row').count()).toBe(97)
})

test('an event is shown with its limit and its reasons, and cancelled', async () => {
  await open(operator)
  await becomes(vehicles(), /[2-9] charging/, 30_000)
  await createEvent('evening', 9_000)
  await becomes(eventCard('api/evening'), /Limit 9\.0\skW for all vehicles[^]*active/)
  await page.getByText('Limited by event api/evening').waitFor()
  await expect.poll(async () => inKw(await text(vehicles())), { timeout: 15_000 }).toBeLessThan(9.1)
  const reason = page.getByText('Event evening limits the power to 9 kW').first()
  await reason.waitFor()
  expect(await axeViolations(page)).toEqual([])

  await eventCard('api/evening').getByText('Acknowledgements').click()
  await becomes(eventCard('api/evening').locator('.history'), /received[^]*accepted[^]*active/)
  await eventCard('api/evening').getByRole('button', { name: 'Cancel…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Cancel this event?' })
  await dialog.getByRole('button', { name: 'Close' }).click()
  await dialog.waitFor({ state: 'detached' })
  expect(demo.app.control.events.active()).toHaveLength(1)
  await eventCard('api/evening').getByRole('button', { name: 'Cancel…' }).click()
  await dialog.getByRole('button', { name: 'Cancel the event' }).click()
  await becomes(eventCard('api/evening'), /aborted|cancelled/)
  expect(demo.app.control.events.active().map(({ state }) => state)).not.toContain('started')
  await reason.waitFor({ state: 'detached' })
})

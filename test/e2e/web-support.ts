import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join, resolve } from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright-core'
import { build } from 'vite'
import { PAGE_HEADERS } from '../../src/api/headers.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const CHROMIUM = '/usr/bin/chromium'
/** The page lives below a prefix, as behind a proxy. */
const PREFIX = '/busbar/'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The built page in front of an API: a proxy that can lose its connections. */
export interface PageServer {
  readonly url: string
  /** Breaks every connection and takes no new one. */
  cut(): void
  restore(): void
  close(): Promise<void>
}

/** Builds the page and serves it with the policy of the product. */
export const servePage = async (apiUrl: string): Promise<PageServer> => {
  const root = mkdtempSync(join(tmpdir(), 'busbar-page-'))
  await build({ root: join(ROOT, 'src/web'), logLevel: 'error', build: { outDir: root } })
  const sockets = new Set<Socket>()
  let isCut = false

  const serve = (incoming: IncomingMessage, response: ServerResponse): void => {
    const path = incoming.url!.slice(PREFIX.length)
    const file = join(root, path === '' ? 'index.html' : path)
    if (path.startsWith('v1/')) return pass(incoming, response, new URL(path, apiUrl))
    if (!existsSync(file)) return void response.writeHead(404).end()
    const type = TYPES[extname(file)]
    response.writeHead(200, { ...PAGE_HEADERS, 'content-type': type }).end(readFileSync(file))
  }

  const server = createServer(serve).on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    if (isCut) socket.destroy()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${PREFIX}`,
    cut: () => {
      isCut = true
      breakAll()
    },
    restore: () => {
      isCut = false
    },
    close: async () => {
      breakAll()
      server.close()
      await once(server, 'close')
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** Hands a request on and streams the answer back. */
const pass = (incoming: IncomingMessage, response: ServerResponse, target: URL): void => {
  const { method, headers } = incoming
  const outgoing = request(target, { method, headers }, (answer) => {
    response.writeHead(answer.statusCode!, answer.headers)
    answer.pipe(response)
  })
  outgoing.on('error', () => response.destroy())
  response.on('close', () => outgoing.destroy())
  incoming.pipe(outgoing)
}

export interface Browser {
  readonly context: BrowserContext
  /** What pages complained about, and addresses that they asked for outside of their server. */
  readonly complaints: readonly string[]
  open(url: string): Promise<Page>
  close(): Promise<void>
}

/** Debian's Chromium with a profile of its own. */
export const openBrowser = async (server: PageServer): Promise<Browser> => {
  if (!existsSync(CHROMIUM)) throw new Error('install the Debian package chromium')
  const profile = mkdtempSync(join(tmpdir(), 'busbar-chromium-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    locale: 'en-GB',
    // A zone that is not the site's: times must not be the reader's.
    timezoneId: 'America/New_York',
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(15_000)
  const complaints: string[] = []
  context.on('request', (asked) => {
    if (!asked.url().startsWith(server.url)) complaints.push(`asked for ${asked.url()}`)
  })
  context.on('weberror', (error) => complaints.push(error.error().message))
  context.on('console', (message) => {
    const isFailedRequest = message.text().startsWith('Failed to load resource')
    if (message.type() === 'error' && !isFailedRequest) complaints.push(message.text())
  })
  return {
    context,
    complaints,
    open: async (url) => {
      const page = await context.newPage()
      await page.goto(url)
      return page
    },
    close: async () => {
      await context.close()
      rmSync(profile, { recursive: true, force: true })
    },
  }
}

const AXE = readFileSync(join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8')

/** What axe-core finds wrong, one line each; an empty list is what a test wants. */
export const axeViolations = async (page: Page): Promise<string[]> => {
  await page.evaluate(AXE)
  const { violations } = await page.evaluate<AxeResults>('axe.run()')
  return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}

interface AxeResults {
  readonly violations: readonly {
    readonly id: string
    readonly nodes: readonly { html: string }[]
  }[]
}

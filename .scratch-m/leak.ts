import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSystemClock } from '../src/fabric/system-clock.ts'
import { createOpcUaMeterServer } from '../src/sim/meters/opcua-server.ts'
import { openSession } from '../src/meters/opcua-session.ts'
const clock = createSystemClock({ keepAlive: true })
const log: any = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const dir = mkdtempSync(join(tmpdir(), 'leak-'))
const show = (n: string) => { (globalThis as any).gc?.(); console.log(n, 'heap', (process.memoryUsage().heapUsed / 1e6).toFixed(1), 'rss', (process.memoryUsage().rss / 1e6).toFixed(0), JSON.stringify(process.getActiveResourcesInfo().reduce((a: any, x) => (a[x] = (a[x] ?? 0) + 1, a), {}))) }
const opt: any = { id: 'e', url: 'opc.tcp://127.0.0.1:14861', pkiFolder: join(dir, 'c'), trust: { trustUnknown: true } }
const attempt = async (o: any = {}) => { try { const s = await openSession({ ...opt, ...o }, () => {}, new AbortController().signal, { clock, log }); await s.close(); return 'ok' } catch (e: any) { return e.message } }
for (const [mode, n] of [['SignAndEncrypt', 200], ['SignAndEncrypt', 800]] as const) { await attempt({ securityMode: mode }); show('absent ' + mode + ' 1'); for (let i = 0; i < n; i++) await attempt({ securityMode: mode }); show('absent ' + mode + ' ' + n) }
const s = createOpcUaMeterServer({ port: 14861, pkiFolder: join(dir, 's'), users: {}, meters: [{ name: 'a', read: () => ({ powerW: 1 }) }] }, { clock, log }); await s.start()
for (const [name, o] of [['good', {}], ['untrusted', { trust: {} }], ['wrong pw', { identity: { username: 'a', password: 'b' } }]] as const) { console.log(await attempt(o)); show(name + ' 1'); for (let i = 0; i < 100; i++) await attempt(o); show(name + ' 100') }
await s.stop()

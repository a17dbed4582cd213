import { mkdtempSync, readdirSync, renameSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSystemClock } from '../src/fabric/system-clock.ts'
import { createOpcUaMeterServer } from '../src/sim/meters/opcua-server.ts'
import { createOpcUaEndpoint } from '../src/meters/opcua-endpoint.ts'
import { createOpcUaMeter } from '../src/meters/opcua.ts'
const clock = createSystemClock({ keepAlive: true })
const t0 = Date.now()
const log: any = { debug(f: any, m: string) { if (process.env.D) console.log(Date.now()-t0,'D', m, f.text ?? f) }, info(f: any, m: string) { console.log(Date.now()-t0,'I', m, f) }, warn(f: any, m: string) { console.log(Date.now()-t0,'W', m, f) }, error(f: any, m: string) { console.log(Date.now()-t0,'E', m, f) }, child: () => log }
const dir = mkdtempSync(join(tmpdir(), 'o-'))
let q: any = 'good'; let p = 1000
const mk = () => createOpcUaMeterServer({ port: 14855, pkiFolder: join(dir, 'srv'), periodMs: 200, users: {u:'p'}, meters: [{ name: 'grid', read: () => ({ powerW: p, currentA: [1, 2, 3], energyImportWh: 5, quality: q }) }] }, { clock, log })
let s = mk()
await s.start(); console.log('server', Date.now() - t0)
const pki = join(dir, 'cli')
const mode: any = process.argv[2] ?? 'None'
const e = createOpcUaEndpoint({ id: 'e', url: s.url, securityMode: mode, pkiFolder: pki, publishingIntervalMs: 200, minRetryMs: 200, maxRetryMs: 500, identity: { kind: 'password', userName: 'u', password: 'p' } }, { clock, log, random: { next: () => 0.5 } })
const m = createOpcUaMeter({ id: 'grid', values: { powerW: { nodeId: 'nsu=urn:busbar:sim:meters;s=grid.powerW', unit: 'W' }, currentA: { nodeId: 'nsu=urn:busbar:sim:meters;s=grid.currentA', unit: 'A' } } }, e, { clock, log })
let n = 0
await m.start((r) => { n++; console.log(Date.now() - t0, JSON.stringify(r), r.receivedAtMs-r.measuredAtMs) })
await new Promise((r) => setTimeout(r, 3000)); console.log(m.health())
if (mode !== 'None') { const d = join(pki, 'rejected'); for (const f of readdirSync(d)) renameSync(join(d, f), join(pki, 'trusted/certs', f)); await new Promise((r) => setTimeout(r, 2000)); console.log(m.health()) }
p = 2000; await new Promise((r) => setTimeout(r, 500)); q = 'bad'; await new Promise((r) => setTimeout(r, 500)); q = 'good'
console.log('restart', Date.now()-t0); await s.stop(); console.log('stopped', Date.now()-t0); await new Promise((r) => setTimeout(r, 1500)); console.log(m.health()); s = mk(); await s.start(); console.log('up', Date.now()-t0); await new Promise((r) => setTimeout(r, 3000))
console.log(m.health()); const a = Date.now(); await m.stop(); console.log('stop took', Date.now() - a); await s.stop(); console.log('end', process.memoryUsage().rss / 1e6)
setTimeout(()=>{console.log('still alive', process.getActiveResourcesInfo()); process.exit()},3000).unref()

import { createServer } from 'node:net'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSystemClock } from '../src/fabric/system-clock.ts'
import { createOpcUaEndpoint } from '../src/meters/opcua-endpoint.ts'
import { createBroker } from '../src/meters/broker.ts'
const clock = createSystemClock({ keepAlive: true })
const t0 = Date.now()
const log: any = { debug() {}, info() {}, warn(f: any, m: string) { console.log(Date.now() - t0, m, f.detail) }, error() {}, child: () => log }
const dir = mkdtempSync(join(tmpdir(), 'hole-'))
const s = createServer(() => {}).listen(14870, '127.0.0.1')
const deps = { clock, log, random: { next: () => 0.5 } }
for (const mode of ['None', 'Sign'] as const) for (const wait of [1500, 13000]) {
  const e = createOpcUaEndpoint({ id: 'e', url: 'opc.tcp://127.0.0.1:14870', pkiFolder: dir, securityMode: mode }, deps)
  const end = e.listen({ nodeIds: ['ns=1;s=a'], everyTimestamp: false }, { published() {}, monitored() {}, refused() {} })
  await new Promise((r) => setTimeout(r, wait)); console.log(mode, e.health()); const t = Date.now(); await end(); console.log('stop took', Date.now() - t)
}
const b = createBroker({ id: 'b', url: 'mqtt://127.0.0.1:14870' }, deps); const end = b.listen(['a'], { message() {}, refused() {} })
await new Promise((r) => setTimeout(r, 1500)); let t = Date.now(); await end(); console.log('mqtt stop took', Date.now() - t)
const b2 = createBroker({ id: 'b', url: 'mqtt://127.0.0.1:14870' }, deps); const end2 = b2.listen(['a'], { message() {}, refused() {} })
await new Promise((r) => setTimeout(r, 11500)); console.log(b2.health()); t = Date.now(); await end2(); console.log('mqtt stop took', Date.now() - t)
s.close(); setTimeout(() => { console.log(process.getActiveResourcesInfo()); process.exit() }, 3000).unref()

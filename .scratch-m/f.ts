import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSystemClock } from '../src/fabric/system-clock.ts'
import { createOpcUaMeterServer } from '../src/sim/meters/opcua-server.ts'
import { openSession } from '../src/meters/opcua-session.ts'
const clock = createSystemClock({ keepAlive: true })
const log: any = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const dir = mkdtempSync(join(tmpdir(), 'o-'))
const mk = (o: object) => createOpcUaMeterServer({ port: 14856, pkiFolder: join(dir, 'srv'), users: { u: 'p' }, meters: [{ name: 'grid', read: () => ({ powerW: 1 }) }], ...o }, { clock, log })
import { execSync } from 'node:child_process'
import {readFileSync} from 'node:fs'
execSync(`openssl req -x509 -newkey rsa:2048 -nodes -keyout ${dir}/k.pem -out ${dir}/c.pem -days 2 -subj /CN=user -addext 'subjectAltName=URI:urn:user' 2>/dev/null`)
const idc={cert:readFileSync(dir+'/c.pem'),key:readFileSync(dir+'/k.pem')}
const go = async (name: string, o: object) => {
  const t = Date.now()
  const ab = new AbortController()
  try { const s = await openSession({ id: 'e', url: 'opc.tcp://127.0.0.1:14856', pkiFolder: join(dir, 'cli'), trust: { trustUnknown: true }, ...o } as any, (r) => console.log('lost', r), ab.signal, { clock, log }); console.log(name, 'OK'); await s.close() } catch (e: any) { console.log(name, Date.now() - t, '->', e.message, '| cause:', e.cause?.message?.replace(/\s+/g, ' ').slice(0, 200)) }
}
await go('nobody', { securityMode: 'None' }); await go('nobody secure', {}); await go('dns', { url: 'opc.tcp://no.such.host.invalid:4840' })
let s = mk({}); await s.start()
await go('wrong password', { identity: { kind: 'password', userName: 'u', password: 'x' } })
await go('right', { identity: { kind: 'password', userName: 'u', password: 'p' } })
await go('cert', {identity:{kind:'certificate',...idc}})
await go('right none', { securityMode: 'None', identity: { kind: 'password', userName: 'u', password: 'p' } })
for (const securityPolicy of ['Aes128_Sha256_RsaOaep', 'Aes256_Sha256_RsaPss']) for (const securityMode of ['Sign', 'SignAndEncrypt']) await go(securityPolicy + securityMode, { securityPolicy, securityMode })
await s.stop()
s = mk({ acceptUnknownClients: false }); await s.start()
await go('distrusts us', {pkiFolder: join(dir,'cli2')}); await go('distrusts us', {pkiFolder: join(dir,'cli2')}); await go('cert identity',{securityMode:'None',identity:{kind:'certificate',...idc}})
await s.stop()

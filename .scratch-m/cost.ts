import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
const rss = () => process.memoryUsage().rss / 1e6
const log: any = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const step = async (name: string, f: () => Promise<unknown>) => { const r = rss(), t = performance.now(); await f(); console.log(name.padEnd(48), (performance.now() - t).toFixed(0).padStart(5), 'ms', (rss() - r).toFixed(0).padStart(4), 'MB') }
const dir = mkdtempSync(join(tmpdir(), 'cost-'))
const what = process.argv[2]
if (what === 'client') {
  let m: any, pki: any, o: any
  await step('all of src/meters (static)', async () => { await import('../src/meters/opcua.ts'); await import('../src/meters/opcua-endpoint.ts'); await import('../src/meters/virtual.ts'); await import('../src/meters/mqtt.ts'); await import('../src/meters/broker.ts'); await import('../src/meters/meters.ts'); m = await import('../src/meters/opcua-load.ts'); pki = await import('../src/meters/opcua-trust.ts') })
  await step('OPC UA client library (first use)', async () => { o = await m.loadOpcUa(log) })
  await step('PKI: new RSA 2048 key and certificate', () => pki.openPki(o, join(dir, 'p'), {}))
  await step('PKI: found again', () => pki.openPki(o, join(dir, 'p'), {}))
} else if (what === 'math') {
  const f = await import('../src/meters/formula.ts'); let math: any
  await step('mathjs/number (first use)', async () => { math = await f.loadFormulaMath() })
  await step('mathjs, whole, for comparison', async () => { const x = await import('mathjs'); x.create(x.all) })
  let fm: any; await step('compile one formula', async () => { fm = f.compileFormula(math, 'x', 'max(0, grid.powerW - pv.powerW) / 3', null) })
  for (let i = 0; i < 1e5; i++) fm.evaluate([i, 2]); const t = performance.now(); for (let i = 0; i < 1e6; i++) fm.evaluate([i, 2]); console.log('evaluate', ((performance.now() - t) / 1e6 * 1e6).toFixed(0), 'ns')
  const { createVirtualMeters } = await import('../src/meters/virtual.ts'); const { createSystemClock } = await import('../src/fabric/system-clock.ts')
  const v = await createVirtualMeters([{ id: 'v', formulas: { powerW: 'grid.powerW - pv.powerW', currentA: 'grid.currentA - pv.currentA' } }], new Map([['grid', null], ['pv', null]]), { clock: createSystemClock({ keepAlive: false }) })
  let n = 0; await v.sources[0].start(() => { n++ }); const r: any = { measuredAtMs: 1, receivedAtMs: 1, quality: 'good', powerW: 1, currentA: [1, 2, 3] }
  v.update({ ...r, meterId: 'pv' }); for (let i = 0; i < 1e4; i++) v.update({ ...r, meterId: 'grid' }); const t2 = performance.now(); for (let i = 0; i < 2e5; i++) v.update({ ...r, meterId: 'grid' }); console.log('virtual meter update (powerW + 3 phases)', ((performance.now() - t2) / 2e5 * 1e3).toFixed(2), 'us')
} else if (what === 'server') {
  const { createOpcUaMeterServer } = await import('../src/sim/meters/opcua-server.ts'); const { createSystemClock } = await import('../src/fabric/system-clock.ts')
  const s = createOpcUaMeterServer({ port: 14860, pkiFolder: join(dir, 's'), meters: [{ name: 'a', read: () => ({ powerW: 1, currentA: [1, 2, 3] }) }] }, { clock: createSystemClock({ keepAlive: false }), log })
  await step('simulated OPC UA server, first start, new key', () => s.start()); await s.stop(); await step('again in the same process', () => s.start()); await s.stop()
} else if (what === 'reader') {
  const { createMqttReader } = await import('../src/meters/mqtt-reader.ts'); const { createMeters } = await import('../src/meters/meters.ts'); const { createSystemClock } = await import('../src/fabric/system-clock.ts')
  const reader = createMqttReader({ id: 'g', topic: 't', values: { powerW: { unit: 'kW', pointer: '/power' }, currentA: { unit: 'A', pointer: '/i' } }, time: { pointer: '/time' } })
  const payload = Buffer.from(JSON.stringify({ time: new Date().toISOString(), power: 12.5, i: [1, 2, 3] })); const msg = { topic: 't', payload, retained: false, receivedAtMs: Date.now() }
  for (let i = 0; i < 2e4; i++) reader.read(msg); const t = performance.now(); for (let i = 0; i < 1e5; i++) reader.read(msg); console.log('MQTT payload -> reading', ((performance.now() - t) / 1e5 * 1e3).toFixed(2), 'us')
  let acc: any; const ms = createMeters([{ source: { id: 'g', start: async (a) => { acc = a }, stop: async () => {}, health: () => ({ ok: true, sinceMs: 0, detail: '' }) } }], { clock: createSystemClock({ keepAlive: false }), log, supply: { kind: 'three-phase', voltageV: 230 }, onReading: () => {} }); await ms.start()
  const r = reader.read(msg).reading; for (let i = 0; i < 2e4; i++) acc(r); const t2 = performance.now(); for (let i = 0; i < 2e5; i++) acc(r); console.log('createMeters accept', ((performance.now() - t2) / 2e5 * 1e3).toFixed(2), 'us'); await ms.stop()
}

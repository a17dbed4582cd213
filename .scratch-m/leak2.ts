import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeHeapSnapshot } from 'node:v8'
import { createSystemClock } from '../src/fabric/system-clock.ts'
import { openSession } from '../src/meters/opcua-session.ts'
const clock = createSystemClock({ keepAlive: true })
const log: any = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const dir = mkdtempSync(join(tmpdir(), 'leak-'))
const opt: any = { id: 'e', url: 'opc.tcp://127.0.0.1:14861', pkiFolder: join(dir, 'c'), trust: { trustUnknown: true } }
const attempt = async () => { try { const s = await openSession({ ...opt }, () => {}, new AbortController().signal, { clock, log }); await s.close() } catch {} }
for (let i = 0; i < 100; i++) await attempt()
const v8 = await import('node:v8'); (globalThis as any).gc()
const heap = () => { (globalThis as any).gc(); return process.memoryUsage().heapUsed }
let h = heap(); writeHeapSnapshot('/tmp/a.heapsnapshot')
for (let k = 0; k < 4; k++) { for (let i = 0; i < 500; i++) await attempt(); const n = heap(); console.log(((n - h) / 500).toFixed(0), 'bytes per attempt'); h = n }
writeHeapSnapshot('/tmp/b.heapsnapshot')
const count = (f: string) => { const s = JSON.parse(require('node:fs').readFileSync(f, 'utf8')); const F = s.snapshot.meta.node_fields.length; const T = s.snapshot.meta.node_types[0]; const m = new Map<string, [number, number]>(); for (let i = 0; i < s.nodes.length; i += F) { const k = T[s.nodes[i]] + ':' + s.strings[s.nodes[i + 1]].slice(0, 60); const e = m.get(k) ?? [0, 0]; e[0]++; e[1] += s.nodes[i + 3]; m.set(k, e) } return m }
import { createRequire } from 'node:module'
const require = createRequire(import.meta.url)
const a = count('/tmp/a.heapsnapshot'), b = count('/tmp/b.heapsnapshot')
console.log([...b].map(([k, [n, s]]) => [k, n - (a.get(k)?.[0] ?? 0), s - (a.get(k)?.[1] ?? 0)] as const).filter((x) => x[1] >= 400).sort((x, y) => y[2] - x[2]).slice(0, 25).map((x) => x.join('  ')).join('\n'))

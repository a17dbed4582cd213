import { loadOpcUa } from '../src/meters/opcua-load.ts'
import { openPki } from '../src/meters/opcua-trust.ts'
const log: any = { debug() {}, info() {}, warn() {}, error() {}, child: () => log }
const p = await openPki(await loadOpcUa(log), '/tmp/perm-pki', {}); await p.close()

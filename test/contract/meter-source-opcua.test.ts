import { join } from 'node:path'
import { seededRandom } from '../../src/domain/seeded-random.ts'
import { systemClock } from '../../src/fabric/system-clock.ts'
import { createOpcUaEndpoint } from '../../src/meters/opcua-endpoint.ts'
import { createOpcUaMeter } from '../../src/meters/opcua.ts'
import { createOpcUaMeterServer } from '../../src/sim/meters/opcua-server.ts'
import { freePort } from '../fixtures/free-port.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { meterSourceContract, type Shown } from './meter-source.ts'

const folder = temporaryFolder()

meterSourceContract(
  'opcua',
  async (log) => {
    const deps = { clock: systemClock, log }
    let shown: Shown = { powerW: 0, currentA: [0, 0, 0] }
    const server = createOpcUaMeterServer(
      {
        port: await freePort(),
        pkiFolder: join(folder, 'server'),
        periodMs: 50,
        meters: [{ name: 'grid', read: () => shown }],
      },
      deps,
    )
    await server.start()
    const endpoint = createOpcUaEndpoint(
      {
        id: 'plc',
        url: server.url,
        trust: { trustUnknown: true },
        pkiFolder: join(folder, 'client'),
        publishingIntervalMs: 100,
        minRetryMs: 100,
        maxRetryMs: 200,
      },
      { ...deps, random: seededRandom(1) },
    )
    return {
      source: createOpcUaMeter(
        {
          id: 'grid',
          values: {
            powerW: { nodeId: 'nsu=urn:busbar:sim;s=grid.powerW', unit: 'W' },
            currentA: { nodeId: 'nsu=urn:busbar:sim;s=grid.currentA', unit: 'A' },
          },
        },
        endpoint,
        deps,
      ),
      show: (values) => void (shown = values),
      cut: () => server.stop(),
      restore: () => server.start(),
      close: () => server.stop(),
    }
  },
  { knowsBad: true, connects: true },
)

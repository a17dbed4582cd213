import { createLocalFabric } from '../../src/fabric/local.ts'
import { fabricContract } from './fabric.ts'

fabricContract('local', async (log) => ({
  fabric: createLocalFabric({ log }),
  stop: async () => {},
}))

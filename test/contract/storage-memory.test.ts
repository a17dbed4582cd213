import { createMemoryStorage } from '../../src/storage/memory.ts'
import { storageContract } from './storage.ts'

storageContract('memory', async (log) => createMemoryStorage({ log }))

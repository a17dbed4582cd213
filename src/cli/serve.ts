import { Command } from 'commander'
import { buildApp } from '../app.ts'
import { createLog } from '../app/log.ts'
import { loadConfig } from '../config/load.ts'
import { ensureWorld } from './world-process.ts'

export const serveCommand = (): Command =>
  new Command('serve')
    .description('run a site')
    .argument('<config>', 'configuration file')
    .action(async (file: string) => {
      const loaded = loadConfig(file)
      const log = createLog(loaded.config.log?.level ?? 'info')
      const app = await buildApp(loaded, log)
      await app.start()
      const [address] = app.ocpp.server.addresses()
      const ocppUrl = `ws://127.0.0.1:${address.port}${loaded.config.ocpp?.path ?? '/ocpp'}`
      const world = loaded.config.simulation
        ? ensureWorld(file, loaded.site.id, ocppUrl, app.dataDir, log)
        : null
      let stopping = false
      const stop = async (): Promise<void> => {
        if (stopping) return
        stopping = true
        world?.stop()
        await app.stop()
        process.exit(0)
      }
      process.on('SIGINT', () => void stop())
      process.on('SIGTERM', () => void stop())
    })

import { Command } from 'commander'
import { resolve } from 'node:path'
import { startDemo, startDemoServers } from '../app/demo.ts'
import { createLog } from '../app/log.ts'
import { buildApp } from '../app.ts'
import { loadConfig } from '../config/load.ts'

export const serveCommand = (): Command =>
  new Command('serve')
    .description('run a site')
    .argument('<config>', 'configuration file')
    .action(async (file: string) => {
      const loaded = loadConfig(file)
      const log = createLog(loaded.config.log?.level ?? 'info')
      const servers = await startDemoServers(loaded, log)
      const app = await buildApp(loaded, log)
      await app.start()
      const [address] = app.ocpp.server.addresses()
      const ocppUrl = `ws://127.0.0.1:${address.port}${loaded.config.ocpp?.path ?? '/ocpp'}`
      const demo = loaded.config.simulation
        ? await startDemo(loaded, ocppUrl, resolve('.busbar'), log)
        : null
      const stop = async (): Promise<void> => {
        await demo?.stop()
        await app.stop()
        await servers.stop()
        process.exit(0)
      }
      process.once('SIGINT', () => void stop())
      process.once('SIGTERM', () => void stop())
    })

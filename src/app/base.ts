import type { LoadedConfig } from '../config/load.ts'
import type { Clock } from '../ports/clock.ts'
import type { Conditions } from '../ports/conditions.ts'
import type { Fabric } from '../ports/fabric.ts'
import type { Log } from '../ports/log.ts'
import type { Random } from '../ports/random.ts'
import type { Storage } from '../ports/storage.ts'

/** What every part of the program is built from. */
export interface AppBase {
  readonly loaded: LoadedConfig
  readonly clock: Clock
  readonly random: Random
  readonly storage: Storage
  readonly fabric: Fabric
  readonly log: Log
  readonly conditions: Conditions
  /** Folder for keys and certificates that Busbar makes for itself. */
  readonly dataDir: string
}

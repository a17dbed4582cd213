import { createConditions } from '../control/conditions.ts'
import type { LoadedConfig } from '../config/load.ts'
import { createVirtualClock } from '../domain/virtual-clock.ts'
import { createLocalFabric } from '../fabric/local.ts'
import { createMemoryStorage } from '../storage/memory.ts'
import { apiListener } from './api.ts'
import { createLog } from './log.ts'
import { buildMeters } from './meters.ts'
import { ocppListeners } from './ocpp.ts'
import { withPlace } from './place.ts'
import { tariffOf } from './tariff.ts'

/**
 * What a valid configuration needs beside itself: certificates and keys, tariffs, formulas that can
 * be worked out. Opens and connects nothing.
 *
 * @throws AppError `config-invalid` with the place
 */
export const checkSurroundings = async (loaded: LoadedConfig): Promise<void> => {
  const log = createLog('silent')
  const clock = createVirtualClock(0)
  const fabric = createLocalFabric({ log })
  const base = {
    loaded,
    clock,
    random: { next: () => 0.5 },
    storage: createMemoryStorage({ log }),
    fabric,
    log,
    conditions: createConditions({ clock, fabric, log }),
    dataDir: '.',
  }
  try {
    apiListener(loaded)
    ocppListeners(loaded)
    await buildMeters(
      base,
      () => null,
      () => {},
    )
  } catch (error) {
    throw withPlace(loaded, error)
  }
  for (const [index, price] of (loaded.config.prices ?? []).entries()) {
    if (price.kind === 'tariff') await tariffOf(loaded, index, price.tariff)
  }
}

import type { Cost } from '../generator/meter.ts'
import type { Subject } from '../subject.ts'

/** Foreign CPU above which a measurement says little: it is repeated, a few times. */
const FOREIGN_CORES = 0.25
const ATTEMPTS = 3

/** The first measurement that others did not disturb, or the least disturbed of a few. */
export const undisturbed = async <T extends Cost>(measure: () => Promise<T>): Promise<T> => {
  let best = await measure()
  for (let attempt = 1; attempt < ATTEMPTS && best.foreignCores > FOREIGN_CORES; attempt++) {
    const next = await measure()
    if (next.foreignCores < best.foreignCores) best = next
  }
  return best
}

/** A complete central system sets its stations up after they have booted, and limits them. */
const QUIET = { quietS: 2, atMostS: 60 }

/** Connects a fleet whose stations all charge, and waits until nobody asks them anything. */
export const inTransaction = async (subject: Subject, count: number): Promise<void> => {
  await subject.arrive({ count, opening: 100, hello: ['boot', 'status', 'start'] })
  await subject.tellGenerator({ do: 'rest', ...QUIET })
}

import type { EvseState } from '../domain/evse-state.ts'

/** The controller's view of the central system: one state per configured EVSE. */
export interface Fleet {
  /** In the order of `site.evses`; the array and its entries are live, read them synchronously. */
  states(): readonly EvseState[]
}

/**
 * The distances ahead at which skill and errors are learned; between two of them is interpolated.
 */
export interface Leads {
  readonly slots: readonly number[]
  /** The two neighbours of a distance (in slots, fractions allowed) and the weight of the upper. */
  readonly between: (lead: number) => {
    readonly below: number
    readonly above: number
    readonly weight: number
  }
}

const HOURS = [0.25, 0.5, 1, 2, 4, 8, 16, 24, 36, 48]

/**
 * Is this one of the slots whose errors are remembered: one in so many hours, another time of the
 * day each day? Neighbouring errors are alike, and weeks of them say more than days.
 */
export const isRemembered = (slot: number, slotsPerDay: number, everyHours: number): boolean => {
  const every = Math.max(1, Math.round((everyHours * slotsPerDay) / 24))
  return (slot + Math.floor(slot / slotsPerDay)) % every === 0
}

/** @param slotsPerDay 24 (hours) to 96 (quarter hours) */
export const createLeads = (slotsPerDay: number): Leads => {
  const slots = HOURS.map((hours) => (hours * slotsPerDay) / 24).filter(Number.isInteger)
  const last = slots.length - 1
  return {
    slots,
    between: (lead) => {
      let above = 0
      while (above < last && slots[above] < lead) above++
      const below = Math.max(0, above - 1)
      const gap = slots[above] - slots[below]
      const weight = gap > 0 ? Math.max(0, Math.min(1, (lead - slots[below]) / gap)) : 1
      return { below, above, weight }
    },
  }
}

/** What an EVSE can be told besides 0: any current (`null`), or one of these, ascending. */
export type Pilots = readonly number[] | null

const SMALL = 1e-9

/** From `minA` to `maxA` in steps. */
export const pilotSteps = (minA: number, maxA: number, stepA: number): readonly number[] =>
  Array.from(
    { length: Math.max(0, Math.floor((maxA - minA) / stepA + SMALL) + 1) },
    (_, k) => minA + k * stepA,
  )

/** Highest pilot up to `mostA`; 0 when there is none. */
export const highest = (pilots: Pilots, mostA: number): number =>
  pilots === null ? Math.max(0, mostA) : (pilots.findLast((amps) => amps <= mostA + SMALL) ?? 0)

/** Lowest pilot from `leastA` on, else the highest there is; none above `limitA`. */
export const atLeast = (pilots: Pilots, leastA: number, limitA: number): number => {
  const found = pilots === null ? leastA : pilots.find((amps) => amps >= leastA - SMALL)
  return found !== undefined && found <= limitA + SMALL ? found : highest(pilots, limitA)
}

/** The pilot next to `wantedA`, 0 among them; none above `limitA`. */
export const nearest = (pilots: Pilots, wantedA: number, limitA: number): number => {
  const below = highest(pilots, Math.min(wantedA, limitA))
  const above = atLeast(pilots, wantedA, limitA)
  return wantedA - below < above - wantedA ? below : above
}

/** Lowest pilot above 0; 0 where any current will do. */
export const lowest = (pilots: Pilots): number => pilots?.[0] ?? 0

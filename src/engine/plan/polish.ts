import type { FullDiagonal } from './full-diagonal.ts'
import { distanceIn, newtonOn, type Counts, type Newton, type Stage } from './newton.ts'
import type { Relaxation } from './relaxation.ts'

/**
 * One stubborn panel must not slow a thousand others down. While the duals of the shared rows
 * stand still, regions do not know of each other, and each can be maximised for itself at the
 * cost of its own devices only: the Newton steps on the whole then only have to settle what is
 * shared, and their number hardly grows with the site.
 */
export interface Polish {
  /**
   * Improves the regions that are far from done by the gradients of the present duals, when the
   * whole is done within `tolerance`. True when duals have changed: the whole must then be
   * evaluated again.
   */
  run(stage: Omit<Stage, 'tolerance' | 'maxSteps'>, tolerance: number): boolean
}

/** A region is left alone below this part of the tolerance, shared by the root of their number. */
const PART = 0.05
/** How much nearer a region is brought, and in how many steps at most. */
const REDUCTION = 0.03
const MAX_STEPS = 12
/** With fewer regions one costs too large a part of the whole. */
const MIN_REGIONS = 8

/** Created for all regions at once, made for each on first use. */
export const polishOf = (relaxation: Relaxation, full: FullDiagonal): Polish => {
  const { regions } = relaxation
  const counts: Counts = { evaluations: 0, steps: 0, products: 0 }
  const newtons: (Newton | undefined)[] = regions.map(() => undefined)
  return {
    run: (stage, tolerance) => {
      if (regions.length < MIN_REGIONS) return false
      const enough = (PART * tolerance) / Math.sqrt(regions.length)
      let hasChanged = false
      for (let r = 0; r < regions.length && !stage.isLate(); r++) {
        const distance = distanceIn(relaxation, regions[r])
        if (distance <= enough) continue
        const newton = (newtons[r] ??= newtonOn(relaxation, regions[r], full, counts))
        const goal = REDUCTION * distance
        newton.maximise({ ...stage, tolerance: () => goal, maxSteps: MAX_STEPS })
        hasChanged = true
      }
      return hasChanged
    },
  }
}

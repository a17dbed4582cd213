import type { FullDiagonal } from './full-diagonal.ts'
import { newtonOn, type Counts, type Newton, type Stage } from './newton.ts'
import type { Relaxation } from './relaxation.ts'
import type { Scope } from './scope.ts'

/**
 * One stubborn panel must not slow a thousand others down: while the duals of the shared rows
 * stand still, regions do not know of each other, and each can be maximised for itself at the
 * cost of its own devices only.
 */
export interface Polish {
  /**
   * Improves the regions that are furthest from done, given gradients of the present duals. True
   * when duals have changed (the whole must be evaluated again).
   */
  run(stage: Stage, tolerance: number): boolean
}

const P = (n: string, d: number): number => {
  const v = (globalThis as any).process?.env[n]
  return v === undefined ? d : Number(v)
}
const [SHARE, LSTEPS, LRED] = [P('PS', 0.3), P('PN', 8), P('PR', 0.1)]

export const polishOf = (
  relaxation: Relaxation,
  full: FullDiagonal,
  distance: (scope: Scope) => number,
): Polish => {
  const counts: Counts = { evaluations: 0, steps: 0, products: 0 }
  const newtons: (Newton | undefined)[] = relaxation.regions.map(() => undefined)
  const n = relaxation.regions.length
  return {
    run: (stage, tolerance) => {
      let changed = false
      relaxation.regions.forEach((region, r) => {
        const d = distance(region)
        if (d <= (SHARE * tolerance) / Math.sqrt(n)) return
        newtons[r] ??= newtonOn(relaxation, region, full, counts)
        newtons[r].maximise({
          ...stage,
          tolerance: () => LRED * d,
          maxSteps: LSTEPS,
          polish: undefined,
        })
        changed = true
        ;(globalThis as any).POL = ((globalThis as any).POL ?? 0) + 1
      })
      return changed
    },
  }
}

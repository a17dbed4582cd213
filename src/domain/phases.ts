/** The three phases (lines) of a site, in the order used by every per-phase triple. */
export const PHASES = ['L1', 'L2', 'L3'] as const
export type Phase = (typeof PHASES)[number]

/** One value per site phase: L1, L2, L3. */
export type PerPhase = readonly [number, number, number]

export const ZERO: PerPhase = [0, 0, 0]

export const perPhase = (f: (phase: 0 | 1 | 2) => number): PerPhase => [f(0), f(1), f(2)]
export const evenly = (value: number): PerPhase => [value, value, value]
export const plus = (a: PerPhase, b: PerPhase): PerPhase => [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
export const times = (a: PerPhase, k: number): PerPhase => [a[0] * k, a[1] * k, a[2] * k]
export const largest = (a: PerPhase): number => Math.max(a[0], a[1], a[2])
export const total = (a: PerPhase): number => a[0] + a[1] + a[2]

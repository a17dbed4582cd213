/** In the order of every per-phase triple. */
export const PHASE_NAMES = ['L1', 'L2', 'L3'] as const

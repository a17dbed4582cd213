import { normalise } from '../src/meters/normalise.ts'
console.log(normalise({ meterId: 'm', measuredAtMs: 0, receivedAtMs: 0, quality: 'good', powerPerPhaseW: [900000, 0, 0] }, { supply: { kind: 'three-phase', voltageV: 230 }, wiring: 'L1L2L3', maxA: 1000, maxW: 1e6 }))

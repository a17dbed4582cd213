import type { Reading } from '../../domain/reading.ts'

/** What a simulated meter shows now. Without a quality it is good. */
export type Measurement = Partial<Omit<Reading, 'meterId' | 'measuredAtMs' | 'receivedAtMs'>>

/** Asked once a period; must be quick. */
export type ReadMeter = () => Measurement

/** A run of ACN-Sim on the same sessions. */
export interface Golden {
  readonly net: string
  /** `LLF` */
  readonly alg: string
  /** kW. */
  readonly cap: number
  /** Energy delivered and sessions fully met, percent. */
  readonly pct: number
  readonly met: number
  readonly sec: number
}

/** The runs on the three-phase network, one JSON document per line. */
export const goldenOf = (text: string): Golden[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Golden)
    .filter(({ net }) => net === 'three_phase')

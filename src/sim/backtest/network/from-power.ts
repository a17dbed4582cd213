import { lineCurrent, wattsPerAmp, type Supply, type Wiring } from '../../../domain/wiring.ts'
import type { Network } from './network.ts'

export interface PlainEvse {
  readonly wiring: Wiring
  readonly supply: Supply
  readonly minA: number
  readonly maxA: number
}

/** Stations of one kind below one limit in kW; `null` = no limit. */
export const networkFromPower = (
  stations: readonly string[],
  { wiring, supply, minA, maxA }: PlainEvse,
  capacityKw: number | null,
): Network => ({
  name: capacityKw === null ? 'no limit' : `${capacityKw} kW`,
  nodes: [
    {
      id: 'grid',
      parent: -1,
      limitA: null,
      limitW: capacityKw === null ? null : capacityKw * 1000,
      deltaRatio: null,
    },
  ],
  evses: stations.map((id) => ({
    id,
    stationId: id,
    node: 0,
    line: lineCurrent(wiring, supply),
    wattsPerAmp: wattsPerAmp(wiring, supply),
    minA,
    maxA,
  })),
})

import type { Network } from '../network/network.ts'
import type { Algorithm } from '../stay.ts'

/** Everybody charges at once as fast as the EVSE allows; no limit is looked at. */
export const createUncontrolled = ({ evses }: Network): Algorithm => ({
  name: 'uncontrolled',
  decide: (_t, cars) => cars.map(({ stay }) => evses[stay.evse].maxA),
})

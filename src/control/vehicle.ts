import type { Evse } from '../domain/site.ts'
import { hasTurn, isProbed, minimumOffer, type VehicleStart } from '../engine/vehicle-start.ts'

/** The vehicle of a stay, and what is remembered of it. */
export interface Vehicle {
  readonly sessionId: string
  readonly subject: string
  start: VehicleStart
  /** Site phases that it used in earlier stays; `null` = not known. */
  lines: readonly boolean[] | null
  learnedAtMs: number
  /** Its turn to be tried with larger offers, before those who had theirs. */
  isTried: boolean
}

/** Of an EVSE's control state. */
interface Plugged {
  readonly evse: Evse
  readonly vehicle: Vehicle | null
}

/** The smallest current that the vehicle there charges from, amperes; at least that of the EVSE. */
export const minimumA = ({ vehicle, evse }: Plugged): number =>
  vehicle === null ? evse.minA : minimumOffer(vehicle.start, evse)

/** It leaves its offer unused. */
export const drawsNothing = ({ vehicle }: Plugged): boolean =>
  vehicle !== null && vehicle.start.unusedA > 0

/** A larger offer may still start it. */
export const mayStart = ({ vehicle, evse }: Plugged): boolean =>
  vehicle !== null && isProbed(vehicle.start, evse)

/** It is offered power anew now, before others. */
export const isVehicleWoken = ({ vehicle }: Plugged, nowMs: number): boolean =>
  vehicle !== null && hasTurn(vehicle.start, nowMs)

/** Site phases that it used in earlier stays here; 0 = not known. */
export const rememberedLineCount = ({ vehicle }: Plugged): number =>
  vehicle?.lines?.filter(Boolean).length ?? 0

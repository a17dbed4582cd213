/**
 * Misbehaviours of real stations, as data: each is off unless it is given. Behind each is a public
 * issue thread, named as `owner/repository#number`.
 */
export interface StationFaults {
  /** A reboot empties the profile store: full power again (goecharger/go-eCharger-API-v2#217). */
  readonly losesProfilesOnReboot?: boolean
  /** Accepts every profile and offers the full rating all the same (lbbrhzn/ocpp#1703). */
  readonly ignoresLimits?: boolean
  /** Accepts profiles for one phase and charges on three (evcc-io/evcc#9883). */
  readonly ignoresPhases?: boolean
  /** Rejects profiles for one phase. */
  readonly refusesOnePhase?: boolean
  /** Rejects a profile that has a limit of 0 (lbbrhzn/ocpp#1245). */
  readonly refusesZero?: boolean
  /** Rejects profiles above this level, whatever its configuration says (evcc-io/evcc#4957). */
  readonly rejectsStackLevelAbove?: number
  /** Rejects limits that are not whole numbers (evcc-io/evcc#33807). */
  readonly refusesDecimals?: boolean
  /** A new default profile waits for the next transaction (evcc-io/evcc#9766). */
  readonly keepsDefaultWhileCharging?: boolean
  /** Answers each command so much later (evcc-io/evcc#29861). */
  readonly answerDelayMs?: number
  /** Never answers these actions; `*` = none at all (lbbrhzn/ocpp#2158). */
  readonly silentOn?: readonly string[]
  /** Sends each start of a transaction twice, as after a lost answer (steve-community/steve#81). */
  readonly duplicatesStart?: boolean
  /** Says Wh and means kWh (OpenEVSE/openevse_esp32_firmware#703). */
  readonly energyInKwh?: boolean
  /** Its clock is off and never set; `epoch`: it begins in 1970 (matth-x/MicroOcpp#311). */
  readonly clock?: { readonly offsetMs: number } | 'epoch'
  /** Uses the same few message ids again and again (citrineos/citrineos#212). */
  readonly reusesMessageIds?: boolean
  /** Loses its connection now and then, on average so often and for so long (evcc-io/evcc#15671). */
  readonly disconnects?: { readonly everyS: number; readonly forS: number }
  /** Never answers a WebSocket ping (mobilityhouse/ocpp#626). */
  readonly neverPongs?: boolean
  /** Connects without naming a sub-protocol (steve-community/steve#135). */
  readonly omitsSubProtocol?: boolean
  /** Reports this status for ever (evcc-io/evcc#13547). */
  readonly stuckStatus?: string
  /** Uses values that are in no enumeration of the standard (lbbrhzn/ocpp#1248). */
  readonly strangeEnums?: boolean
}

export const NO_FAULTS: StationFaults = {}

/** Difference of the station's clock to the true one, given when it booted. */
export const clockOffsetMs = (faults: StationFaults, bootedAtMs: number): number => {
  if (faults.clock === undefined) return 0
  return faults.clock === 'epoch' ? -bootedAtMs : faults.clock.offsetMs
}

export const isSilent = (faults: StationFaults, action: string): boolean =>
  faults.silentOn !== undefined &&
  (faults.silentOn.includes('*') || faults.silentOn.includes(action))

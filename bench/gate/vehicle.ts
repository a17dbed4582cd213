/**
 * A vehicle of this world: it looks at the offer (control pilot) after its own dead time and then
 * moves towards it at its own pace, so that a change is complete `reactionS` after it was offered.
 */
export interface VehicleOptions {
  readonly reactionS: number
  /** 1 or 3. */
  readonly lines: 1 | 3
  readonly maxA: number
  /** It does not begin below this. */
  readonly startA: number
  /** The part of the offer that it takes: chargers derate, cables drop voltage. */
  readonly takes: number
}

export interface Vehicle {
  readonly options: VehicleOptions
  /** Amperes per line that it draws now. */
  drawA(): number
  /** One second passes under this offer, amperes. */
  second(offerA: number): void
}

export const createVehicle = (options: VehicleOptions): Vehicle => {
  const deadS = Math.floor(options.reactionS * 0.6)
  const rampS = Math.max(1, options.reactionS - deadS)
  const offers: number[] = []
  let amps = 0
  let target = 0
  let pace = 0

  return {
    options,
    drawA: () => amps,
    second: (offerA) => {
      offers.push(offerA)
      const seenA = offers.length > deadS ? offers.shift()! : 0
      const startsAt = amps === 0 ? options.startA : 6
      const next = seenA < startsAt ? 0 : Math.min(seenA * options.takes, options.maxA)
      if (next !== target) {
        target = next
        pace = Math.abs(target - amps) / rampS
      }
      amps = amps < target ? Math.min(target, amps + pace) : Math.max(target, amps - pace)
    },
  }
}

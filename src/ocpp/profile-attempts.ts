import type { ChargingProfile } from '../domain/charging-profile.ts'
import type { ProfileCapability } from '../domain/evse-state.ts'
import { convertUnit } from './profile-shape.ts'

/**
 * Another way to say a profile that was refused. Each is tried once per station and firmware; what
 * helps is learned, and from then on the first attempt is right (field problems 1 and 7).
 */
export interface Attempt {
  readonly name: 'stack-level-below' | 'stack-level-0' | 'absolute' | 'other-unit'
  readonly profile: ChargingProfile
  readonly capability: ProfileCapability
}

/**
 * The profile in a unit that the station takes. `wattsPerAmp` `null`: the EVSE has no place in the
 * site, so amperes and watts cannot be compared.
 */
export const inTakenUnit = (
  profile: ChargingProfile,
  capability: ProfileCapability,
  wattsPerAmp: number | null,
): ChargingProfile =>
  wattsPerAmp === null || capability.rateUnits.includes(profile.schedule.unit)
    ? profile
    : {
        ...profile,
        schedule: convertUnit(profile.schedule, capability.rateUnits[0] ?? 'A', wattsPerAmp),
      }

/** What is left to try after a refusal of `refused`, in order. */
export const otherAttempts = (
  refused: ChargingProfile,
  capability: ProfileCapability,
  tried: readonly string[],
  wattsPerAmp: number | null,
): Attempt[] => {
  const attempts: Attempt[] = []
  const atMost = (name: Attempt['name'], maxStackLevel: number): void => {
    attempts.push({ name, profile: refused, capability: { ...capability, maxStackLevel } })
  }
  const level = Math.min(refused.stackLevel, capability.maxStackLevel)
  // Some name the number of levels where the standard wants the highest one.
  if (level > 1) atMost('stack-level-below', level - 1)
  if (level > 0) atMost('stack-level-0', 0)
  if (refused.schedule.isRelative && !capability.refusesRelative) {
    const absolute = { ...capability, refusesRelative: true }
    attempts.push({ name: 'absolute', profile: refused, capability: absolute })
  }
  if (wattsPerAmp !== null) {
    const unit = refused.schedule.unit === 'A' ? 'W' : 'A'
    attempts.push({
      name: 'other-unit',
      profile: { ...refused, schedule: convertUnit(refused.schedule, unit, wattsPerAmp) },
      capability: { ...capability, rateUnits: [unit] },
    })
  }
  return attempts.filter(({ name }) => !tried.includes(name))
}

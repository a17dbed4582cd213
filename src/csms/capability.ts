import { DEFAULT_CAPABILITY, type ProfileCapability } from '../domain/evse-state.ts'

/** One configuration key (1.6, empty component) or variable (2.x), as the station gave it. */
export interface StationVariable {
  /** `Component[.instance][@evse[/connector]]`; empty for 1.6. */
  readonly component: string
  readonly variable: string
  /** Actual, Target, MinSet, MaxSet; `maxLimit` and `valuesList` of the characteristics. */
  readonly attribute: string
  readonly value: string | null
  readonly readonly: boolean
}

/** Text of a key: stations quote and pad values. */
const clean = (text: string | null): string => (text ?? '').trim().replace(/^["']+|["']+$/g, '')

/**
 * Rate units of `ChargingScheduleAllowedChargingRateUnit` and `RateUnit`. The standard says
 * `Current`, `Power` (1.6) and `A`, `W` (2.x); in the wild both, in any case, with blanks and
 * quotes, or as JSON lists (field problem 7). Empty when nothing was understood.
 */
export const parseRateUnits = (text: string | null): readonly ('A' | 'W')[] => {
  const words = clean(text)
    .toLowerCase()
    .split(/[^a-z]+/)
  const found: ('A' | 'W')[] = []
  if (words.some((word) => ['a', 'amp', 'amps', 'ampere', 'amperes', 'current'].includes(word)))
    found.push('A')
  if (words.some((word) => ['w', 'kw', 'watt', 'watts', 'power'].includes(word))) found.push('W')
  return found
}

/** `null`: not said, or not understood. */
const flag = (text: string | null): boolean | null => {
  const word = clean(text).toLowerCase()
  if (word === 'true' || word === '1') return true
  return word === 'false' || word === '0' ? false : null
}

const integer = (text: string | null | undefined, min: number, max: number): number | null => {
  const value = Number.parseInt(clean(text ?? null), 10)
  return value >= min ? Math.min(value, max) : null
}

/** A look-up that forgives case, component instances and EVSEs. */
export const lookUp = (
  variables: readonly StationVariable[],
  component: string,
  variable: string,
  attribute = 'Actual',
): string | null => {
  const wanted = `${component}|${variable}|${attribute}`.toLowerCase()
  for (const found of variables) {
    const name = found.component.split(/[.@]/)[0]
    const base = found.variable.split('.')[0]
    if (`${name}|${base}|${found.attribute}`.toLowerCase() === wanted) return found.value
  }
  return null
}

const CTRLR = 'SmartChargingCtrlr'

/**
 * What a station can do with charging profiles, from its configuration keys (1.6) or variables
 * (2.x). What it does not say is what unknown stations get.
 */
export const readCapability = (variables: readonly StationVariable[]): ProfileCapability => {
  const key = (name: string): string | null => lookUp(variables, '', name)
  const variable = (name: string): string | null => lookUp(variables, CTRLR, name)
  const rateUnits = parseRateUnits(
    key('ChargingScheduleAllowedChargingRateUnit') ?? variable('RateUnit'),
  )
  const switchesPhases = flag(key('ConnectorSwitch3to1PhaseSupported') ?? variable('Phases3to1'))
  return {
    rateUnits: rateUnits.length > 0 ? rateUnits : DEFAULT_CAPABILITY.rateUnits,
    maxStackLevel:
      integer(key('ChargeProfileMaxStackLevel') ?? variable('ProfileStackLevel'), 0, 1_000) ??
      DEFAULT_CAPABILITY.maxStackLevel,
    maxPeriods:
      integer(key('ChargingScheduleMaxPeriods') ?? variable('PeriodsPerSchedule'), 1, 1_024) ??
      DEFAULT_CAPABILITY.maxPeriods,
    maxProfiles:
      integer(
        key('MaxChargingProfilesInstalled') ??
          lookUp(variables, CTRLR, 'Entries', 'maxLimit') ??
          variable('Entries'),
        1,
        1_000,
      ) ?? DEFAULT_CAPABILITY.maxProfiles,
    stepA: DEFAULT_CAPABILITY.stepA,
    stepW: DEFAULT_CAPABILITY.stepW,
    ...(switchesPhases !== null && { switchesPhases }),
    ...(flag(variable('ACPhaseSwitchingSupported')) === true && { choosesPhase: true }),
  }
}

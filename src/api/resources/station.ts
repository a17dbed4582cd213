import { Type, type Static } from 'typebox'
import type { StationVariable } from '../../csms/capability.ts'
import type { ExternalLimit } from '../../csms/external-limits.ts'
import type { ProfileCapability } from '../../domain/evse-state.ts'
import { HIDDEN, isSecretName } from '../../domain/redact.ts'
import type { StationView } from '../../csms/station-view.ts'
import { choice, flag, integer, named, nullable, number, text, time } from '../shapes.ts'
import { iso, isoOrNull } from '../time.ts'
import { presentSchedule, SCHEDULE } from './profile.ts'

const CAPABILITY = named('ProfileCapability', 'What the station can do with charging profiles', {
  rateUnits: Type.Array(choice(['A', 'W'])),
  maxStackLevel: integer(),
  maxPeriods: integer(),
  maxProfiles: integer(),
  stepA: number('smallest step of a limit'),
  stepW: number('smallest step of a limit'),
  switchesPhases: nullable(flag('goes from three phases to one while charging; null = not said')),
  choosesPhase: flag('can be told which phase to use alone (2.x)'),
})

const EXTERNAL_LIMIT = named('ExternalLimit', 'A limit that the station has from others (2.x)', {
  evseId: integer('0 = the whole station'),
  source: text('EMS, SO, CSO, Other'),
  gridCritical: flag(),
  schedule: nullable(SCHEDULE),
  since: time(),
})

const STATION_PROPERTIES = {
  stationId: text(),
  state: choice(
    ['known', 'adopted', 'quarantined', 'removed'],
    'known: in the configuration; adopted: let in, powerless until the configuration has its EVSEs; quarantined: seen, not let in; removed: turned away',
  ),
  protocol: nullable(text()),
  vendor: nullable(text()),
  model: nullable(text()),
  firmware: nullable(text()),
  serialNumber: nullable(text()),
  online: flag('a connection is open'),
  boot: choice(['offline', 'waiting', 'accepted', 'pending', 'rejected']),
  bootedAt: nullable(time()),
  connectedAt: nullable(time()),
  lastSeenAt: nullable(time()),
  remoteAddress: nullable(text()),
  evses: Type.Array(text('key of an EVSE of the site')),
  clockSkewS: number("the station's time less ours"),
  clockWrong: flag('off by more than five minutes: have it corrected'),
  rebootRequired: flag(),
  firmwareStatus: nullable(text()),
  logStatus: nullable(text()),
  externalLimits: Type.Array(EXTERNAL_LIMIT),
  capability: nullable(CAPABILITY),
  createdAt: time(),
}

export const STATION = named('Station', 'A charge point', STATION_PROPERTIES)

export const STATION_DETAIL = named('StationDetail', 'A charge point and how its boots go', {
  ...STATION_PROPERTIES,
  bootHold: nullable(choice(['pending', 'rejected'], 'how the next boots are answered')),
})

export const presentStation = (view: StationView): Static<typeof STATION> => ({
  stationId: view.stationId,
  state: view.state,
  protocol: view.protocol,
  vendor: view.vendor,
  model: view.model,
  firmware: view.firmware,
  serialNumber: view.serialNumber,
  online: view.online,
  boot: view.boot,
  bootedAt: isoOrNull(view.bootedAtMs),
  connectedAt: isoOrNull(view.connectedAtMs),
  lastSeenAt: isoOrNull(view.lastSeenAtMs),
  remoteAddress: view.remoteAddress,
  evses: [...view.evses],
  clockSkewS: view.clockSkewMs / 1_000,
  clockWrong: view.clockWrong,
  rebootRequired: view.rebootRequired,
  firmwareStatus: view.firmwareStatus,
  logStatus: view.logStatus,
  externalLimits: view.externalLimits.map(presentExternalLimit),
  capability: view.capability && presentCapability(view.capability),
  createdAt: iso(view.createdAtMs),
})

const presentCapability = (capability: ProfileCapability): Static<typeof CAPABILITY> => ({
  rateUnits: [...capability.rateUnits],
  maxStackLevel: capability.maxStackLevel,
  maxPeriods: capability.maxPeriods,
  maxProfiles: capability.maxProfiles,
  stepA: capability.stepA,
  stepW: capability.stepW,
  switchesPhases: capability.switchesPhases ?? null,
  choosesPhase: capability.choosesPhase ?? false,
})

const presentExternalLimit = (limit: ExternalLimit): Static<typeof EXTERNAL_LIMIT> => ({
  evseId: limit.evseId,
  source: limit.source,
  gridCritical: limit.isGridCritical,
  schedule: limit.schedule && presentSchedule(limit.schedule),
  since: iso(limit.sinceMs),
})

export const VARIABLE = named(
  'StationVariable',
  'A configuration key (1.6) or a device model variable (2.x), as the station reported it',
  {
    component: text('Component[.instance][@evse[/connector]]; empty for 1.6'),
    variable: text(),
    attribute: text('Actual, Target, MinSet, MaxSet; maxLimit and valuesList'),
    value: nullable(text()),
    readonly: flag(),
  },
)

/** A station that tells its passwords does not get them told on. */
export const presentVariable = (variable: StationVariable): Static<typeof VARIABLE> => ({
  ...variable,
  value: isSecretName(variable.variable) && variable.value !== null ? HIDDEN : variable.value,
})

import { Type, type Static } from 'typebox'
import type {
  ChargingProfile,
  ChargingSchedule,
  ProfileRecord,
} from '../../domain/charging-profile.ts'
import { choice, integer, named, nullable, number, text, time } from '../shapes.ts'
import { iso, isoOrNull } from '../time.ts'

export const SCHEDULE = named('ChargingSchedule', 'Limits over time', {
  start: time(),
  durationS: nullable(number('null = without end')),
  unit: choice(['A', 'W']),
  numberPhases: Type.Union([Type.Literal(1), Type.Literal(3)]),
  periods: Type.Array(
    named('SchedulePeriod', 'Holds until the next one', {
      startS: number('after the start'),
      limit: number('A per conductor, or W in total'),
    }),
  ),
})

export const PROFILE = named('ChargingProfile', 'What is installed on a station', {
  id: integer(),
  purpose: choice(
    ['station-max', 'tx-default', 'tx'],
    'tx-default is the failsafe, tx steers one transaction',
  ),
  stackLevel: integer(),
  transactionId: nullable(text()),
  validTo: nullable(time('null = for ever')),
  schedule: SCHEDULE,
})

const INSTALLED = named('InstalledProfile', 'A profile and when it got there', {
  profile: PROFILE,
  at: time(),
})

export const PROFILE_RECORD = named(
  'ProfileRecord',
  'One profile of an EVSE: wished, sent, accepted by the station, seen on a meter',
  {
    purpose: PROFILE.properties.purpose,
    desired: nullable(PROFILE),
    sent: nullable(INSTALLED),
    reported: nullable(INSTALLED),
    verified: nullable(
      named('VerifiedProfile', 'Evidence that the limit holds', {
        limitA: number('current that was seen'),
        at: time(),
        by: text('what saw it'),
      }),
    ),
  },
)

export const presentSchedule = (schedule: ChargingSchedule): Static<typeof SCHEDULE> => ({
  start: iso(schedule.startMs),
  durationS: schedule.durationS,
  unit: schedule.unit,
  numberPhases: schedule.numberPhases,
  periods: schedule.periods.map(({ startS, limit }) => ({ startS, limit })),
})

const presentProfile = (profile: ChargingProfile): Static<typeof PROFILE> => ({
  id: profile.id,
  purpose: profile.purpose,
  stackLevel: profile.stackLevel,
  transactionId: profile.transactionId,
  validTo: isoOrNull(profile.validToMs),
  schedule: presentSchedule(profile.schedule),
})

const presentInstalled = (installed: ProfileRecord['sent']): Static<typeof INSTALLED> | null =>
  installed && { profile: presentProfile(installed.profile), at: iso(installed.atMs) }

export const presentProfileRecord = (record: ProfileRecord): Static<typeof PROFILE_RECORD> => {
  const { verified } = record
  return {
    purpose: record.purpose,
    desired: record.desired && presentProfile(record.desired),
    sent: presentInstalled(record.sent),
    reported: presentInstalled(record.reported),
    verified: verified && { limitA: verified.limitA, at: iso(verified.atMs), by: verified.by },
  }
}

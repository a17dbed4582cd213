import type { Static } from 'typebox'
import {
  CONDITION_KINDS,
  CONDITION_SEVERITIES,
  type ActiveCondition,
} from '../../domain/condition.ts'
import { choice, named, text, time } from '../shapes.ts'
import { iso } from '../time.ts'

export const CONDITION = named(
  'Condition',
  'Something that needs attention, for as long as it holds',
  {
    key: text('identifies it while it holds'),
    kind: choice(CONDITION_KINDS),
    severity: choice(CONDITION_SEVERITIES, 'alarm: safety or records are at risk now'),
    what: text('what is wrong'),
    where: text('station, EVSE, node, meter or file'),
    remedy: text('what to do about it'),
    since: time(),
  },
)

export const presentCondition = ({
  sinceMs,
  ...rest
}: ActiveCondition): Static<typeof CONDITION> => ({ ...rest, since: iso(sinceMs) })

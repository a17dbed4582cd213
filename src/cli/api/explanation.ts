import { Type } from 'typebox'
import { EVENT } from '../../api/resources/event.ts'
import { EVSE } from '../../api/resources/evse.ts'
import { NODE } from '../../api/resources/node.ts'
import { PLANNED_SESSION } from '../../api/resources/plan.ts'
import { PROFILE_RECORD } from '../../api/resources/profile.ts'
import { SESSION } from '../../api/resources/session.ts'
import { nullable, number, object, text, time } from '../../api/shapes.ts'

/** What `busbar why` reads of `GET /v1/evses/{stationId}/{evseId}/why`. */
export const explanationShape = object({
  at: nullable(time()),
  summary: text(),
  evse: EVSE,
  session: nullable(SESSION),
  nodes: Type.Array(NODE),
  profiles: Type.Array(PROFILE_RECORD),
  plan: nullable(
    object({ planId: text(), start: time(), stepS: number(), session: PLANNED_SESSION }),
  ),
  events: Type.Array(EVENT),
})

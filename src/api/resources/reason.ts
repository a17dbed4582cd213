import { Type, type Static } from 'typebox'
import type { Reason } from '../../domain/reason.ts'
import { rounded } from '../rounded.ts'
import { text } from '../shapes.ts'
import { iso } from '../time.ts'
import type { Words } from '../words.ts'

export const REASON = Type.Object(
  {
    code: text('kind of reason; the other fields belong to it'),
    text: text('the reason as a sentence'),
  },
  {
    title: 'Reason',
    description: 'Why a limit is what it is; in a list the first one binds',
    additionalProperties: true,
  },
)

/** Times become text under the name without `Ms`; what is unlimited is left out. */
export const presentReason = (reason: Reason, words: Words): Static<typeof REASON> => {
  const fields = Object.entries(reason).flatMap(([name, value]): [string, unknown][] => {
    if (typeof value !== 'number') return [[name, value]]
    if (name.endsWith('Ms')) return value > 0 ? [[name.slice(0, -2), iso(value)]] : []
    return Number.isFinite(value) ? [[name, rounded(value)]] : []
  })
  return { ...Object.fromEntries(fields), code: reason.code, text: words.reason(reason) }
}

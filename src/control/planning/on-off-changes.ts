import type { PlanTick } from '../controller.ts'

/** How often each session was switched on or off so far, whoever did it. */
export interface OnOffChanges {
  readonly observe: (tick: Pick<PlanTick, 'states' | 'controls'>) => void
  /** Of the session at EVSE `e`; its first charging counts as one. */
  readonly of: (e: number) => number
}

interface Seen {
  readonly sessionId: string | null
  isOn: boolean
  changes: number
}

/** Counts are of this run: after a restart a session has a few more to spare. O(EVSEs) per tick. */
export const createOnOffChanges = (): OnOffChanges => {
  const seen: Seen[] = []
  return {
    observe: ({ states, controls }) => {
      for (let e = 0; e < controls.length; e++) {
        const sessionId = states[e].session?.id ?? null
        const isOn = controls[e].onSinceMs !== null
        if (seen[e]?.sessionId !== sessionId) seen[e] = { sessionId, isOn: false, changes: 0 }
        if (seen[e].isOn === isOn) continue
        seen[e].isOn = isOn
        seen[e].changes++
      }
    },
    of: (e) => seen[e]?.changes ?? 0,
  }
}

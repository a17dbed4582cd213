import type { EvseState, Node, Site } from '../wire.ts'
import type { Tone } from './charger.ts'

/** The one line that says how the site is. */
export interface SiteMode {
  readonly words: string
  readonly tone: Tone
}

/** More flows through the node than its limit, on a phase or in total. */
const isOver = ({ limitA, limitW, now }: Node): boolean =>
  now !== null &&
  (now.loadA.some((loadA, phase) => limitA !== null && loadA > limitA[phase]) ||
    (limitW !== null && now.loadW > limitW))

/**
 * The worst of what is known: nothing is normal while nobody is heard, or while more flows than may.
 *
 * @param isConnected the server answers, and its control loop runs
 */
export const siteMode = (
  { failsafe }: Pick<Site, 'failsafe'>,
  nodes: readonly Node[],
  evses: readonly EvseState[],
  isConnected: boolean,
): SiteMode => {
  if (!isConnected) return { words: 'No connection to Busbar', tone: 'bad' }
  if (failsafe !== null) return { words: 'Failsafe', tone: 'bad' }
  const [over, ...more] = nodes.filter(isOver)
  if (over !== undefined) {
    const others = more.length > 0 ? ` and ${more.length} more` : ''
    return { words: `Over limit: ${over.name}${others}`, tone: 'bad' }
  }
  const offline = evses.filter(({ online, planned }) => !online && !planned).length
  if (offline > 0) {
    return {
      words: offline === 1 ? '1 charger offline' : `${offline} chargers offline`,
      tone: 'warn',
    }
  }
  return { words: 'Normal operation', tone: 'good' }
}

import { SITE } from '../../api/resources/site.ts'
import { Failure } from '../failure.ts'
import { createTimes, zoneText, type Times } from '../text.ts'
import type { ApiClient } from './client.ts'

/** Times as they are shown at the site, the same as in the reasons that it gives. */
export const siteTimes = async (api: ApiClient, nowMs: number): Promise<Times> => {
  const { timeZone } = await api.get('/v1/site', SITE)
  return createTimes(nowMs, timeZone)
}

/**
 * Times of the site for who may look at it; else those of this machine, with what to say of them.
 * Scopes do not hold one another: a token that manages tokens need not see the site.
 */
export const siteTimesIfAllowed = async (
  api: ApiClient,
  nowMs: number,
): Promise<{ readonly times: Times; readonly note: string | null }> => {
  try {
    return { times: await siteTimes(api, nowMs), note: null }
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'forbidden') throw error
    const times = createTimes(nowMs)
    return { times, note: zoneText(times) }
  }
}

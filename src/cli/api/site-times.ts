import { SITE } from '../../api/resources/site.ts'
import { createTimes, type Times } from '../text.ts'
import type { ApiClient } from './client.ts'

/** Times as they are shown at the site, the same as in the reasons that it gives. */
export const siteTimes = async (api: ApiClient, nowMs: number): Promise<Times> => {
  const { timeZone } = await api.get('/v1/site', SITE)
  return createTimes(nowMs, timeZone)
}

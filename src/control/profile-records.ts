import type { ChargingProfile, ProfileRecord } from '../domain/charging-profile.ts'
import type { Storage } from '../ports/storage.ts'

/**
 * The four records of every profile: desired, sent, reported (accepted), verified. A profile that
 * raises a limit is on disk before it is sent, so that a crash never forgets what a station may do.
 */
export const createProfileRecords = (storage: Storage) => {
  const records = new Map<string, ProfileRecord>()
  const keyOf = (stationId: string, evseId: number, purpose: ChargingProfile['purpose']): string =>
    `${stationId}/${evseId}/${purpose}`

  const get = (
    stationId: string,
    evseId: number,
    purpose: ChargingProfile['purpose'],
  ): ProfileRecord =>
    records.get(keyOf(stationId, evseId, purpose)) ?? {
      stationId,
      evseId,
      purpose,
      desired: null,
      sent: null,
      reported: null,
      verified: null,
    }

  const set = (record: ProfileRecord): ProfileRecord => {
    records.set(keyOf(record.stationId, record.evseId, record.purpose), record)
    return record
  }
  const keep = (record: ProfileRecord): void =>
    storage.append({ table: 'profile', row: set(record) })

  return {
    get,
    all: (): readonly ProfileRecord[] => [...records.values()],

    load: async (): Promise<void> => {
      for (const { rowId: _, ...row } of await storage.query('profile')) {
        set(row as unknown as ProfileRecord)
      }
    },

    /** Resolves when the intent is durable, if it must be. */
    sending: async (
      stationId: string,
      evseId: number,
      profile: ChargingProfile,
      atMs: number,
      durable: boolean,
    ): Promise<void> => {
      const record = set({
        ...get(stationId, evseId, profile.purpose),
        desired: profile,
        sent: { profile, atMs },
      })
      if (durable) await storage.commit([{ table: 'profile', row: record }])
      else storage.append({ table: 'profile', row: record })
    },

    reported: (stationId: string, evseId: number, profile: ChargingProfile, atMs: number): void =>
      keep({
        ...get(stationId, evseId, profile.purpose),
        reported: { profile, atMs },
        verified: null,
      }),

    verified: (
      stationId: string,
      evseId: number,
      purpose: ChargingProfile['purpose'],
      limitA: number,
      atMs: number,
      by: string,
    ): void => keep({ ...get(stationId, evseId, purpose), verified: { limitA, atMs, by } }),
  }
}

export type ProfileRecords = ReturnType<typeof createProfileRecords>

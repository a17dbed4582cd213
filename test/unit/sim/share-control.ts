import type { ChargingProfile } from '../../../src/domain/charging-profile.ts'
import type { VirtualControl, VirtualPorts } from '../../../src/sim/virtual.ts'

/**
 * The smallest control that keeps one node within its limit: every EVSE counts on all three lines,
 * everybody gets the same, the first ones if 6 A are not there for all. Nothing without us.
 */
export const shareControl = ({ site, fleet, gateway }: VirtualPorts): VirtualControl => {
  const [root] = site.nodes
  const limitA = root.limitA![0] * (1 - root.margin)
  const asserted = new Map<string, number>()
  let otherA = site.loads.reduce((sum, load) => sum + load.designA[0], 0)

  const profile = (
    purpose: ChargingProfile['purpose'],
    transactionId: string | null,
    amps: number,
    atMs: number,
  ): ChargingProfile => ({
    id: purpose === 'tx' ? 2 : 1,
    purpose,
    stackLevel: 0,
    transactionId,
    validToMs: purpose === 'tx' ? atMs + 45_000 : null,
    schedule: {
      startMs: atMs - 60_000,
      durationS: null,
      unit: 'A',
      numberPhases: 3,
      periods: [{ startS: 0, limit: amps }],
    },
  })

  return {
    onReading: (reading) => {
      if (reading.meterId !== `${site.loads[0]?.id}-meter`) return
      // Room for what the load may gain until the cars have followed.
      otherA = Math.max(...reading.currentA!) + 2
    },
    tick: (nowMs) => {
      const states = fleet.states()
      for (const { evse, ready, generation } of states) {
        if (!ready || asserted.get(evse.key) === generation) continue
        asserted.set(evse.key, generation)
        void gateway.setChargingProfile(
          evse.stationId,
          evse.evseId,
          profile('tx-default', null, 0, nowMs),
        )
      }
      if (nowMs % 20_000 !== 0) return
      const active = states.filter((state) => state.ready && state.session?.transactionId)
      const served = Math.min(active.length, Math.max(0, Math.floor((limitA - otherA) / 6)))
      const shareA = Math.floor((limitA - otherA) / Math.max(1, served))
      for (const [i, { evse, session }] of active.entries()) {
        void gateway.setChargingProfile(
          evse.stationId,
          evse.evseId,
          profile('tx', session!.transactionId, i < served ? shareA : 0, nowMs),
        )
      }
    },
  }
}

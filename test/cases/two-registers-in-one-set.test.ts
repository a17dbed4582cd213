import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createVirtualClock } from '../../src/domain/virtual-clock.ts'
import { dialect16 } from '../../src/ocpp/v16/from-station.ts'
import { connect, startServer } from '../e2e/ocpp-support.ts'
import { createFakeStorage } from '../unit/csms/fake-storage.ts'
import { createWorld } from '../unit/csms/harness.ts'

/** A station that repeats the register of the transaction's beginning beside each sample. */
const CASE = join(import.meta.dirname, '../fixtures/cases/two-registers-in-one-set/frames.json')

interface Sampled {
  readonly value: string
  readonly context: string
  readonly measurand: string
}
type Frame = [number, string, string, Record<string, unknown>]
interface Step {
  readonly send: Frame
  readonly repeat?: number
  readonly everyS?: number
  readonly with?: { readonly $REG: readonly number[] }
}
const { steps, expect: right } = JSON.parse(readFileSync(CASE, 'utf8')) as {
  readonly steps: readonly Step[]
  readonly expect: { 'measured.energyWh': number; 'session.energyWh': number }
}

/** Plays the station over a real socket; `vary` changes the samples of each set. */
const play = async (vary: (samples: Sampled[]) => Sampled[]) => {
  const clock = createVirtualClock(Date.now())
  const { csms } = await createWorld({}, createFakeStorage(), clock)
  csms.connections.connected({
    stationId: 'CP1',
    protocol: 'ocpp1.6',
    generation: 1,
    remoteAddress: '127.0.0.1',
    connectedAtMs: clock.now(),
    close: () => {},
  })
  const { url } = await startServer({ dialects: [dialect16(csms, clock)] })
  const { send, take } = await connect(`${url}/CP1`)
  let transactionId = 0
  for (const step of steps) {
    for (let turn = 0; turn < (step.repeat ?? 1); turn++) {
      const text = JSON.stringify(step.send)
        .replaceAll('$NOW', new Date(clock.now()).toISOString())
        .replaceAll('"$TX"', String(transactionId))
        .replaceAll('$REG', String(step.with?.$REG[turn]))
        .replaceAll('$I', String(turn))
      const frame = JSON.parse(text) as Frame
      const values = frame[3]['meterValue'] as { sampledValue: Sampled[] }[] | undefined
      for (const set of values ?? []) set.sampledValue = vary(set.sampledValue)
      send(frame)
      const [answer] = (await take(1)) as [[number, string, { transactionId?: number }]]
      expect(answer[0]).toBe(3)
      transactionId = answer[2].transactionId ?? transactionId
      await clock.advanceTo(clock.now() + (step.everyS ?? 0) * 1_000)
    }
  }
  const [state] = csms.fleet.states()
  const transaction = await csms.transactions.get('CP1', String(transactionId))
  return { csms, state, transaction, clock, send, take }
}

const isBegin = ({ context }: Sampled): boolean => context === 'Transaction.Begin'

describe('the register of the beginning is no progress', () => {
  test.each<[string, (samples: Sampled[]) => Sampled[]]>([
    ['as it was sent', (samples) => samples],
    ['in the opposite order', (samples) => samples.toReversed()],
    [
      'with Transaction.End for Transaction.Begin',
      (samples) =>
        samples.map((each) => (isBegin(each) ? { ...each, context: 'Transaction.End' } : each)),
    ],
    [
      'with Sample.Clock beside Sample.Periodic',
      (samples) =>
        samples.flatMap((each) =>
          isBegin(each) ? [{ ...samples[0], context: 'Sample.Clock' }] : [each],
        ),
    ],
  ])('%s', async (_, vary) => {
    const { state, transaction } = await play(vary)
    expect(state.measured).toMatchObject({
      energyWh: right['measured.energyWh'],
      currentA: [16, 16, 16],
      powerW: 11_000,
    })
    expect(state.session?.energyWh).toBe(right['session.energyWh'])
    expect(transaction.meterStartWh).toBe(157_440)
  })

  test('alone', async () => {
    const { state, transaction } = await play((samples) => samples.filter(isBegin))
    expect(state.session?.energyWh).toBe(0)
    expect(transaction.meterStartWh).toBe(157_440)
  })
})

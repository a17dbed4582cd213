import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Change, Fabric } from '../../src/ports/fabric.ts'
import { recordingLog, type LogEntry } from '../fixtures/recording-log.ts'
import type { Log } from '../../src/ports/log.ts'

export interface OpenFabric {
  readonly fabric: Fabric
  stop(): Promise<void>
}

const change = (id: string): Change => ({ kind: 'session', id, atMs: 1, data: { id } })

/** What every fabric must do. Delivery may take a moment; its order may not change. */
export const fabricContract = (name: string, open: (log: Log) => Promise<OpenFabric>): void => {
  describe(`fabric contract: ${name}`, () => {
    let fabric: Fabric
    let stop: () => Promise<void>
    let entries: LogEntry[]

    beforeEach(async () => {
      const recording = recordingLog()
      entries = recording.entries
      const opened = await open(recording.log)
      fabric = opened.fabric
      stop = () => opened.stop()
    })
    afterEach(() => stop())

    /** Resolves when everything published before has been delivered. */
    const delivered = (): Promise<void> =>
      new Promise((resolve) => {
        const cancel = fabric.subscribe(({ id }) => {
          if (id !== 'the end') return
          cancel()
          resolve()
        })
        fabric.publish(change('the end'))
      })

    const collect = (): { ids: string[]; cancel: () => void } => {
      const ids: string[] = []
      return { ids, cancel: fabric.subscribe(({ id }) => void ids.push(id)) }
    }

    test('every subscriber gets every change, whole and in order', async () => {
      const changes: Change[] = []
      const first = collect()
      fabric.subscribe((received) => void changes.push(received))
      for (const id of ['a', 'b', 'c']) fabric.publish(change(id))
      await delivered()
      expect(first.ids).toEqual(['a', 'b', 'c', 'the end'])
      expect(changes.slice(0, 3)).toEqual(['a', 'b', 'c'].map(change))
    })

    test('publishing never runs a subscriber inside the call', async () => {
      const { ids } = collect()
      fabric.publish(change('a'))
      expect(ids).toEqual([])
      await delivered()
      expect(ids).toContain('a')
    })

    test('a subscriber that throws is logged; publisher and others feel nothing', async () => {
      fabric.subscribe(() => {
        throw new Error('broken subscriber')
      })
      const { ids } = collect()
      fabric.publish(change('a'))
      fabric.publish(change('b'))
      await delivered()
      expect(ids).toEqual(['a', 'b', 'the end'])
      const faults = entries.filter(({ level }) => level === 'error')
      expect(faults.length).toBeGreaterThanOrEqual(2)
      expect(faults[0].fields).toMatchObject({ err: new Error('broken subscriber') })
    })

    test('who cancels gets nothing more, even from inside a delivery', async () => {
      const other = collect()
      const ids: string[] = []
      const cancel = fabric.subscribe(({ id }) => {
        ids.push(id)
        cancel()
        other.cancel()
      })
      const last = collect()
      fabric.publish(change('a'))
      fabric.publish(change('b'))
      await delivered()
      expect(ids).toEqual(['a'])
      // Asked first, so it had its turn before it was cancelled.
      expect(other.ids).toEqual(['a'])
      expect(last.ids).toEqual(['a', 'b', 'the end'])
    })

    test('cancelling twice, or after the end, does nothing', async () => {
      const first = collect()
      const second = collect()
      first.cancel()
      first.cancel()
      fabric.publish(change('a'))
      await delivered()
      expect(first.ids).toEqual([])
      expect(second.ids).toEqual(['a', 'the end'])
    })

    test('what a subscriber publishes comes after what was published before', async () => {
      fabric.subscribe(({ id }) => {
        if (id === 'a') fabric.publish(change('answer to a'))
      })
      const { ids } = collect()
      fabric.publish(change('a'))
      fabric.publish(change('b'))
      await delivered()
      await delivered()
      expect(ids.filter((id) => id !== 'the end')).toEqual(['a', 'b', 'answer to a'])
    })

    test('who subscribes later does not get what was published before', async () => {
      collect()
      fabric.publish(change('before'))
      await delivered()
      const late = collect()
      fabric.publish(change('after'))
      await delivered()
      expect(late.ids).toEqual(['after', 'the end'])
    })
  })
}

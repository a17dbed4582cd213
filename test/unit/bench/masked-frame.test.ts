import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ID,
  increment,
  maskedFrame,
  NUMBER,
  patch,
  TIME,
} from '../../../bench/ocpp/generator/masked-frame.ts'

/** What a server reads: RFC 6455 5.2, a text frame of a client below 64 KB. */
const read = (frame: Buffer): string => {
  expect(frame[0]).toBe(0x81)
  expect(frame[1] & 0x80).toBe(0x80)
  const short = frame[1] & 0x7f
  const maskAt = short < 126 ? 2 : 4
  const length = short < 126 ? short : frame.readUInt16BE(2)
  const mask = frame.subarray(maskAt, maskAt + 4)
  const payload = frame.subarray(maskAt + 4)
  expect(payload.length).toBe(length)
  return Buffer.from(payload.map((byte, i) => byte ^ mask[i & 3])).toString('latin1')
}

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'latin1'))

const mask = fc.uint8Array({ minLength: 4, maxLength: 4 })
/** Around the length at which the header grows, and longer. */
const padding = fc.oneof(fc.integer({ min: 0, max: 120 }), fc.integer({ min: 500, max: 2_000 }))

test('a frame reads as its text, before and after its places are patched', () => {
  fc.assert(
    fc.property(mask, padding, padding, (key, before, after) => {
      const text = (id: string, time: string, number: string): string =>
        `[2,"${id}",${'x'.repeat(before)}"${time}",${number},${'y'.repeat(after)}"${time}"]`
      const frame = maskedFrame(text(ID, TIME, NUMBER), key)
      expect(read(frame.buffer)).toBe(text(ID, TIME, NUMBER))

      const [id, time, number] = ['abcdefghijklmnop', '2026-06-01T08:00:00.000Z', '100000001']
      patch(frame, frame.idAt, bytes(id))
      for (const at of frame.timesAt) patch(frame, at, bytes(time))
      for (const at of frame.numbersAt) patch(frame, at, bytes(number))
      expect(read(frame.buffer)).toBe(text(id, time, number))
    }),
  )
})

test('a number in ASCII counts in place, and leaves what stands before it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 999_999_998 }), (number) => {
      const digits = bytes(`salt${String(number).padStart(9, '0')}`)
      increment(digits, 4)
      const expected = `salt${String(number + 1).padStart(9, '0')}`
      expect(Buffer.from(digits).toString('latin1')).toBe(expected)
    }),
  )
  const last = bytes('x999')
  increment(last, 1)
  expect(Buffer.from(last).toString('latin1')).toBe('x000')
})

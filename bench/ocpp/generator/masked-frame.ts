/**
 * A WebSocket text frame of a client, masked once and patched in place before each sending: message
 * id, time stamp and a counting number have a fixed width and a known place. A bench client that
 * builds and masks each frame anew costs more than the server that it measures.
 *
 * The mask is random and not zero: `ws` skips the unmasking of a zero mask, so a zero would flatter
 * the server.
 */
export interface MaskedFrame {
  readonly buffer: Buffer
  readonly mask: Uint8Array
  readonly idAt: number
  /** Empty where the message has none. */
  readonly timesAt: readonly number[]
  readonly numbersAt: readonly number[]
}

/** Places in a message text that are patched; as wide as what goes there. */
export const ID = '@'.repeat(16)
export const TIME = '#'.repeat(24)
export const NUMBER = '%'.repeat(9)

const FIN_TEXT = 0x81
const MASKED = 0x80

/** `text` is ASCII, below 64 KB. */
export const maskedFrame = (text: string, mask: Uint8Array, opcode = FIN_TEXT): MaskedFrame => {
  const { length } = text
  const headerLength = length < 126 ? 2 : 4
  const start = headerLength + 4
  const buffer = Buffer.allocUnsafeSlow(start + length)
  buffer[0] = opcode
  buffer[1] = MASKED | (length < 126 ? length : 126)
  if (length >= 126) buffer.writeUInt16BE(length, 2)
  buffer.set(mask, headerLength)
  buffer.write(text, start, 'latin1')
  for (let i = 0; i < length; i++) buffer[start + i] ^= mask[i & 3]
  return {
    buffer,
    mask,
    idAt: start + text.indexOf(ID),
    timesAt: placesOf(text, TIME, start),
    numbersAt: placesOf(text, NUMBER, start),
  }
}

const placesOf = (text: string, mark: string, start: number): number[] => {
  const places: number[] = []
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + mark.length)) {
    places.push(start + at)
  }
  return places
}

/** Writes bytes over a place of the frame, masked. */
export const patch = (frame: MaskedFrame, at: number, bytes: Uint8Array): void => {
  const { buffer, mask } = frame
  const shift = at - (buffer.length < 126 + 6 ? 6 : 8)
  for (let i = 0; i < bytes.length; i++) buffer[at + i] = bytes[i] ^ mask[(shift + i) & 3]
}

/** Adds one to a decimal number in ASCII, in place. */
export const increment = (digits: Uint8Array, first: number): void => {
  for (let at = digits.length - 1; at >= first; at--) {
    if (digits[at] !== 0x39 /* 9 */) {
      digits[at]++
      return
    }
    digits[at] = 0x30
  }
}

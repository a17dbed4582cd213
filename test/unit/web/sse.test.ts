import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSseParser, type SseMessage } from '../../../src/web/data/sse.ts'

const parse = (...pieces: string[]): { messages: SseMessage[]; lastId: string } => {
  const messages: SseMessage[] = []
  const parser = createSseParser((message) => messages.push(message))
  for (const piece of pieces) parser.push(piece)
  return { messages, lastId: parser.lastId() }
}

test('reads ids, events and data, and skips comments and unknown fields', () => {
  const text =
    ': alive\nid: a-1\n\nevent: grant\nid: a-2\ndata: {"x":1}\n\nfoo: bar\ndata:two\ndata\n\n'
  expect(parse(text)).toEqual({
    messages: [
      { id: 'a-2', event: 'grant', data: '{"x":1}' },
      { id: 'a-2', event: 'message', data: 'two\n' },
    ],
    lastId: 'a-2',
  })
})

test('an id without a message moves the place to resume from', () => {
  expect(parse(': alive\nid: a-7\n\n')).toEqual({ messages: [], lastId: 'a-7' })
})

test('a message counts when its empty line is there, not before', () => {
  expect(parse('data: x\n').messages).toEqual([])
  expect(parse('data: x\n', '\n').messages).toHaveLength(1)
})

test('however the text is cut, the messages are the same', () => {
  const lineEnd = fc.constantFrom('\n', '\r\n', '\r')
  const line = fc.constantFrom(
    'data: {"a":"ü"}',
    'event: site',
    'id: b-3',
    ': hello',
    'data',
    '',
    '',
  )
  const stream = fc
    .array(fc.tuple(line, lineEnd), { maxLength: 30 })
    .map((lines) => `${lines.map((pair) => pair.join('')).join('')}\n\n`)
  fc.assert(
    fc.property(stream, fc.array(fc.nat(200), { maxLength: 8 }), (text, cuts) => {
      const at = [0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length]
      at.sort((a, b) => a - b)
      const pieces = at.slice(1).map((end, k) => text.slice(at[k], end))
      expect(parse(...pieces)).toEqual(parse(text))
    }),
  )
})

test('a message without an end is refused before it fills the memory', () => {
  const parser = createSseParser(() => {})
  const piece = 'x'.repeat(1024 * 1024)
  expect(() => {
    for (let k = 0; k < 20; k++) parser.push(k % 2 === 0 ? `data: ${piece}` : `${piece}\n`)
  }).toThrow(RangeError)
})

import { describe, expect, test } from 'vitest'
import { AppError, type ErrorCode } from '../../../src/errors.ts'
import {
  asRpcError,
  readErrorCode,
  RPC_ERROR_CODES,
  RpcError,
  spell,
} from '../../../src/ocpp/rpc-error.ts'

const CODES_16 = [
  'NotImplemented',
  'NotSupported',
  'InternalError',
  'ProtocolError',
  'SecurityError',
  'FormationViolation',
  'PropertyConstraintViolation',
  'OccurenceConstraintViolation',
  'TypeConstraintViolation',
  'GenericError',
]

test('each version gets codes that it knows, in its spelling', () => {
  expect(new Set(RPC_ERROR_CODES.map((code) => spell(code, 'ocpp1.6')))).toEqual(new Set(CODES_16))
  expect(RPC_ERROR_CODES.map((code) => spell(code, 'ocpp2.0.1'))).toEqual([...RPC_ERROR_CODES])
})

test.each<[unknown, string]>([
  ...RPC_ERROR_CODES.map((code): [unknown, string] => [code, code]),
  ['FormationViolation', 'FormatViolation'],
  ['OccurenceConstraintViolation', 'OccurrenceConstraintViolation'],
  ['notimplemented', 'NotImplemented'],
  [' NotSupported ', 'NotSupported'],
  ['SomethingElse', 'GenericError'],
  ['', 'GenericError'],
  [42, 'GenericError'],
  [undefined, 'GenericError'],
])('%j is read as %s', (text, code) => {
  expect(readErrorCode(text)).toBe(code)
})

describe('faults', () => {
  test('an RpcError is what it says', () => {
    const error = new RpcError('PropertyConstraintViolation', 'no connector 7')
    expect(asRpcError(error)).toEqual({ error, internal: false })
  })

  test.each<[ErrorCode, string, boolean]>([
    ['not-found', 'PropertyConstraintViolation', false],
    ['payload-invalid', 'PropertyConstraintViolation', false],
    ['station-not-accepted', 'SecurityError', false],
    ['forbidden', 'SecurityError', false],
    ['storage-failed', 'InternalError', true],
    ['storage-overloaded', 'InternalError', true],
    ['internal', 'InternalError', true],
  ])('AppError %s', (code, expected, internal) => {
    const result = asRpcError(new AppError(code, 'what happened'))
    expect(result.error.code).toBe(expected)
    expect(result.internal).toBe(internal)
    expect(result.error.message.includes('what happened')).toBe(!internal)
  })

  test('anything else is internal, and its text stays inside', () => {
    const { error, internal } = asRpcError(new Error('secret path'))
    expect(error.code).toBe('InternalError')
    expect(internal).toBe(true)
    expect(error.message).not.toContain('secret')
    expect(asRpcError('thrown text').internal).toBe(true)
  })
})

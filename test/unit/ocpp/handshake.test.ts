import { describe, expect, test } from 'vitest'
import type { Protocol } from '../../../src/ocpp/dialect.ts'
import {
  basicPassword,
  identitiesOf,
  isIssuedTo,
  negotiate,
  remoteAddressOf,
} from '../../../src/ocpp/handshake.ts'

describe('the identity in the URL', () => {
  test.each<[string, string, string[]]>([
    ['/CP1', '/', ['CP1']],
    ['/ocpp/CP1', '/ocpp', ['CP1']],
    ['/ocpp/CP1', 'ocpp/', ['CP1']],
    ['//ocpp/CP1', '/ocpp', ['CP1']],
    ['ws://csms.example:9000/ocpp/CP1', '/ocpp', ['CP1']],
    ['/ocpp/CP1/', '/ocpp', ['CP1']],
    ['/ocpp//CP1', '/ocpp', ['CP1']],
    ['/ocpp/CP1?token=x', '/ocpp', ['CP1']],
    ['/ocpp/CP%201', '/ocpp', ['CP 1']],
    ['/ocpp/CP%252F1', '/ocpp', ['CP%2F1']],
    ['/ocpp/A%2FB', '/ocpp', ['A/B']],
    ['/ocpp/1.6/CP1', '/ocpp', ['1.6/CP1', 'CP1']],
    ['/ocpp/CP1/CP1', '/ocpp', ['CP1/CP1', 'CP1']],
    ['/ocpp/CP%ZZ', '/ocpp', ['CP%ZZ']],
    ['/ocpp/%00', '/ocpp', []],
    ['/ocpp/', '/ocpp', []],
    ['/ocpp', '/ocpp', []],
    ['/', '/', []],
    ['/other/CP1', '/ocpp', []],
    ['/ocppCP1', '/ocpp', []],
    [`/${'x'.repeat(256)}`, '/', []],
  ])('%s below %s', (url, base, expected) => {
    expect(identitiesOf(url, base)).toEqual(expected)
  })
})

describe('the sub-protocol', () => {
  const both: Protocol[] = ['ocpp2.0.1', 'ocpp1.6']
  test.each<[string | undefined, Protocol[], Protocol | null, Protocol | null, string | null]>([
    ['ocpp1.6', both, null, 'ocpp1.6', 'ocpp1.6'],
    ['ocpp1.6, ocpp2.0.1', both, null, 'ocpp2.0.1', 'ocpp2.0.1'],
    ['ocpp2.0.1,ocpp1.6', ['ocpp1.6'], null, 'ocpp1.6', 'ocpp1.6'],
    ['OCPP1.6', both, null, 'ocpp1.6', 'OCPP1.6'],
    ['ocpp1.5', both, 'ocpp1.6', null, null],
    ['ocpp2.0', both, null, null, null],
    [undefined, both, 'ocpp1.6', 'ocpp1.6', null],
    ['', both, 'ocpp1.6', 'ocpp1.6', null],
    [undefined, both, null, null, null],
    ['ocpp1.6', [], null, null, null],
  ])('%j among %j', (offered, preferred, ifNone, protocol, header) => {
    expect(negotiate(offered, preferred, ifNone)).toEqual({ protocol, header })
  })
})

describe('basic credentials', () => {
  const header = (user: string, password: string | Buffer) =>
    `Basic ${Buffer.concat([Buffer.from(`${user}:`), Buffer.from(password)]).toString('base64')}`

  test('the bytes behind the colon', () => {
    const key = Buffer.from('00ff3a80', 'hex')
    expect(basicPassword(header('CP1', key), ['CP1'])).toEqual(key)
    expect(basicPassword(header('CP1', 'a:b'), ['CP1'])?.toString()).toBe('a:b')
    expect(basicPassword(header('CP1', ''), ['CP1'])).toHaveLength(0)
  })

  test('an identity with a colon, and either of two names', () => {
    expect(basicPassword(header('CP:1', 'x'), ['CP:1'])?.toString()).toBe('x')
    expect(basicPassword(header('CP1', 'x'), ['v/CP1', 'CP1'])?.toString()).toBe('x')
  })

  test.each([
    undefined,
    '',
    'Basic',
    'Basic !!!',
    'Bearer abc',
    `Basic ${Buffer.from('CP1').toString('base64')}`,
    header('CP2', 'x'),
    header('CP10', 'x'),
  ])('%j is none for CP1', (authorization) => {
    expect(basicPassword(authorization, ['CP1'])).toBeNull()
  })
})

describe('the remote address', () => {
  test.each<[string | undefined, string | undefined, boolean, string]>([
    [undefined, '::ffff:192.0.2.1', false, '192.0.2.1'],
    ['203.0.113.9', '192.0.2.1', false, '192.0.2.1'],
    ['spoofed, 203.0.113.9', '192.0.2.1', true, '203.0.113.9'],
    [undefined, '192.0.2.1', true, '192.0.2.1'],
    [undefined, undefined, false, 'unknown'],
  ])('forwarded for %s, peer %s, trusted %s', (forwarded, peer, trusted, expected) => {
    expect(remoteAddressOf({ 'x-forwarded-for': forwarded }, peer, trusted)).toBe(expected)
  })
})

test('a certificate is for the station that its common name says', () => {
  const subject = (CN: string) => ({ C: 'NL', ST: '', L: '', O: 'CPO', OU: '', CN })
  expect(isIssuedTo({ subject: subject('CP1') }, ['CP1'])).toBe(true)
  expect(isIssuedTo({ subject: subject('SN-77') }, ['CP1', 'SN-77'])).toBe(true)
  expect(isIssuedTo({ subject: subject('CP2') }, ['CP1'])).toBe(false)
  expect(isIssuedTo({} as Parameters<typeof isIssuedTo>[0], ['CP1'])).toBe(false)
})

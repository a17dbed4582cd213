import { expect, test } from 'vitest'
import { auditDetail } from '../../../src/api/redact.ts'
import { isSecretName, redact } from '../../../src/domain/redact.ts'

test.each([
  [
    { key: 'AuthorizationKey', value: 'abc' },
    { key: 'AuthorizationKey', value: '(secret)' },
  ],
  [
    { key: 'authorizationkey', value: 'abc' },
    { key: 'authorizationkey', value: '(secret)' },
  ],
  [
    { key: 'HeartbeatInterval', value: '60' },
    { key: 'HeartbeatInterval', value: '60' },
  ],
  [
    {
      setVariableData: [
        {
          component: { name: 'SecurityCtrlr' },
          variable: { name: 'BasicAuthPassword' },
          attributeValue: 'abc',
        },
        {
          component: { name: 'OCPPCommCtrlr' },
          variable: { name: 'HeartbeatInterval' },
          attributeValue: '60',
        },
      ],
    },
    {
      setVariableData: [
        {
          component: { name: 'SecurityCtrlr' },
          variable: { name: 'BasicAuthPassword' },
          attributeValue: '(secret)',
        },
        {
          component: { name: 'OCPPCommCtrlr' },
          variable: { name: 'HeartbeatInterval' },
          attributeValue: '60',
        },
      ],
    },
  ],
  [
    {
      reportData: [
        { variable: { name: 'BasicAuthPassword' }, variableAttribute: [{ value: 'abc' }] },
        { variable: { name: 'HeartbeatInterval' }, variableAttribute: [{ value: '60' }] },
      ],
    },
    {
      reportData: [
        { variable: { name: 'BasicAuthPassword' }, variableAttribute: '(secret)' },
        { variable: { name: 'HeartbeatInterval' }, variableAttribute: [{ value: '60' }] },
      ],
    },
  ],
  [
    { connectionData: { apn: { apnPassword: 'abc', apnUserName: 'u', simPin: 1234 } } },
    { connectionData: { apn: { apnPassword: '(secret)', apnUserName: 'u', simPin: '(secret)' } } },
  ],
  [
    { log: { remoteLocation: 'ftp://user:abc@host/dir', oldest: null } },
    { log: { remoteLocation: 'ftp://(secret)@host/dir', oldest: null } },
  ],
  [
    { location: 'https://host/f.bin?X-Amz-Signature=abc&X-Amz-Date=1#top' },
    { location: 'https://host/f.bin?(secret)#top' },
  ],
  [
    { connectionData: { vpn: { server: 's', user: 'u', key: 'abc', type: 'IPSec' } } },
    { connectionData: { vpn: { server: 's', user: 'u', key: '(secret)', type: 'IPSec' } } },
  ],
  [
    { key: 'WifiPassphrase', value: 'abc' },
    { key: 'WifiPassphrase', value: '(secret)' },
  ],
  [
    { key: ['AuthorizationKey'], unknownKey: ['WifiKey'] },
    { key: ['AuthorizationKey'], unknownKey: ['WifiKey'] },
  ],
  [
    { configurationKey: [{ key: 'ServicePIN', readonly: false, value: '1234' }] },
    { configurationKey: [{ key: 'ServicePIN', readonly: false, value: '(secret)' }] },
  ],
  [
    { vendorId: 'v', data: '{"user":"u","apiToken":"abc"}' },
    { vendorId: 'v', data: '{"user":"u","apiToken":"(secret)"}' },
  ],
  [
    { vendorId: 'v', data: 'ssid=net;password=abc; pin: 1234' },
    { vendorId: 'v', data: 'ssid=net;password=(secret); pin: (secret)' },
  ],
  [
    { idToken: { idToken: 'CARD', type: 'ISO14443' }, groupIdToken: { idToken: 'G' } },
    { idToken: { idToken: 'CARD', type: 'ISO14443' }, groupIdToken: { idToken: 'G' } },
  ],
  [{ location: 'https://host/path@2x' }, { location: 'https://host/path@2x' }],
  [
    [1, true, null, 'text'],
    [1, true, null, 'text'],
  ],
])('%j', (payload, shown) => {
  expect(redact(payload)).toEqual(shown)
})

test('a payload is copied, not changed', () => {
  const payload = { key: 'AuthorizationKey', value: 'abc' }
  redact(payload)
  expect(payload.value).toBe('abc')
})

test('depth and length are bounded', () => {
  let deep: object = {}
  for (let level = 0; level < 100; level++) deep = { deep }
  expect(JSON.stringify(redact(deep))).toContain('(too deep)')
  expect(String(redact('x'.repeat(10_000)))).toHaveLength(4_000)
  const cut = auditDetail(Array.from({ length: 5_000 }, (_, k) => k)) as { cut: string }
  expect(cut.cut).toHaveLength(8_000)
  expect(auditDetail({ a: 1 })).toEqual({ a: 1 })
})

test.each([
  ['AuthorizationKey', true],
  ['BasicAuthPassword', true],
  ['CpoName', false],
  ['ConnectionTimeOut', false],
])('%s', (name, secret) => {
  expect(isSecretName(name)).toBe(secret)
})

test('a long hostile text is redacted in linear time', () => {
  const before = performance.now()
  redact({ data: 'a'.repeat(200_000), more: 'a:/'.repeat(60_000), csr: 'x.'.repeat(100_000) })
  expect(performance.now() - before).toBeLessThan(200)
})

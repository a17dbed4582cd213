import { expect, test } from 'vitest'
import { auditDetail, isSecretName, redact } from '../../../src/api/redact.ts'

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

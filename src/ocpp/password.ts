import { createHash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { AppError } from '../errors.ts'

/**
 * Station passwords. Two forms of one string `$scheme$parameters$salt$hash` (base64url):
 *
 * `$scrypt$ln=14,r=8,p=1$..$..`  for the disk. The cost protects passwords that can be guessed; a
 *   hexadecimal AuthorizationKey of 128 random bits cannot, so it gets a low one, and a fleet that
 *   comes back after a restart is checked in seconds.
 * `$sha256$$..$..`               for the memory only, where the plain text is at hand anyway.
 *
 * OCPP 1.6 has two encodings of one password: the text, and the bytes behind its hexadecimal digits
 * (security whitepaper A00.FR.205). Hexadecimal passwords are kept in small letters, and what a
 * station sends is tried in both readings.
 */
const COST_LOG2 = { guessable: 14, key: 8, highest: 17 }
const HASH_BYTES = 32
/** 16 to 20 bytes as hexadecimal digits: an AuthorizationKey. */
const KEY = /^(?:[0-9a-f]{2}){16,20}$/i

/** Hashes for storage. Resolves to a string that `verifyPassword` reads. */
export const hashPassword = async (
  password: string,
  costLog2 = KEY.test(password) ? COST_LOG2.key : COST_LOG2.guessable,
): Promise<string> => {
  const salt = randomBytes(16)
  const parameters = { costLog2, r: 8, p: 1 }
  const hash = await runScrypt(canonical(password), salt, parameters)
  const { r, p } = parameters
  return ['', 'scrypt', `ln=${costLog2},r=${r},p=${p}`, ...[salt, hash].map(encode)].join('$')
}

/** Hashes for the memory of this process, at once and cheaply; never to be stored. */
export const digestPassword = (password: string): string => {
  const salt = randomBytes(16)
  return ['', 'sha256', '', ...[salt, sha256(canonical(password), salt)].map(encode)].join('$')
}

/**
 * Whether the password, as text or as the bytes that a station sent, belongs to the hash. Throws an
 * AppError `config-invalid` when the hash cannot be read.
 */
export const verifyPassword = async (
  presented: string | Buffer,
  stored: string,
): Promise<boolean> => {
  const [scheme, parameters, salt, hash] = parse(stored)
  const forms = typeof presented === 'string' ? [canonical(presented)] : readings(presented)
  for (const form of forms) {
    const computed =
      scheme === 'sha256' ? sha256(form, salt) : await runScrypt(form, salt, parameters)
    if (computed.length === hash.length && timingSafeEqual(computed, hash)) return true
  }
  return false
}

/** Whether a check against this hash takes milliseconds, off the event loop. */
export const isCostly = (stored: string): boolean => stored.startsWith('$scrypt$')

interface ScryptParameters {
  readonly costLog2: number
  readonly r: number
  readonly p: number
}

const FORM =
  /^\$(?:scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d)|(sha256)\$)\$([\w-]{16,86})\$([\w-]{43})$/

const parse = (stored: string): [string, ScryptParameters, Buffer, Buffer] => {
  const match = FORM.exec(stored)
  const [costLog2, r, p] = [
    Number(match?.[1] ?? 1),
    Number(match?.[2] ?? 1),
    Number(match?.[3] ?? 1),
  ]
  if (!match || costLog2 > COST_LOG2.highest || costLog2 * r * p === 0) {
    throw new AppError(
      'config-invalid',
      `A stored password hash cannot be read (it starts with '${stored.slice(0, 8)}'); set the password again`,
    )
  }
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64url')
  return [match[4] ?? 'scrypt', { costLog2, r, p }, bytes(match[5]), bytes(match[6])]
}

const canonical = (password: string): string =>
  KEY.test(password) ? password.toLowerCase() : password

/** What the bytes of a Basic credential may mean, the likelier first. */
const readings = (bytes: Buffer): string[] => {
  const text = bytes.toString()
  const printable = !/[\p{Cc}\uFFFD]/u.test(text)
  const hex = bytes.toString('hex')
  return [...(printable ? [canonical(text)] : []), ...(KEY.test(hex) ? [hex] : [])]
}

const runScrypt = (
  password: string,
  salt: Buffer,
  { costLog2, r, p }: ScryptParameters,
): Promise<Buffer> => {
  const cost = 2 ** costLog2
  const maxmem = 2 * 128 * r * (cost + p)
  return new Promise((resolve, reject) => {
    scrypt(
      password,
      salt,
      HASH_BYTES,
      { cost, blockSize: r, parallelization: p, maxmem },
      (error, key) => (error ? reject(error) : resolve(key)),
    )
  })
}

const sha256 = (password: string, salt: Buffer): Buffer =>
  createHash('sha256').update(salt).update(password).digest()

const encode = (bytes: Buffer): string => bytes.toString('base64url')

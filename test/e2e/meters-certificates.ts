import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** PEM. */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

export interface Authority {
  /** PEM. */
  readonly ca: string
  /** A certificate of this authority for the loopback and for a name. */
  issue(name: string): KeyPair
}

/** The arguments as one text; no blanks inside of them. */
const openssl = (args: string): void => {
  // The OPC UA stack leaves a setting behind that the command does not understand.
  const { OPENSSL_CONF: _, ...env } = process.env
  execFileSync('openssl', args.split(' '), { stdio: 'pipe', env })
}

const EC = '-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
const RSA = '-newkey rsa:2048 -nodes'

const selfSigned = (folder: string, name: string, newKey: string): KeyPair => {
  const key = join(folder, `${name}.key`)
  const cert = join(folder, `${name}.pem`)
  openssl(`req -x509 ${newKey} -keyout ${key} -out ${cert} -days 2 -subj /CN=${name}`)
  return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
}

/** A throw-away certificate that nobody vouches for. */
export const createRsaKeyPair = (folder: string, name: string): KeyPair =>
  selfSigned(folder, name, RSA)

/** A throw-away authority as OPC UA wants it: RSA, with a revocation list. */
export interface OpcUaAuthority {
  readonly certificateFile: string
  readonly revocationListFile: string
  /** The file of a certificate for the application with this URI. */
  issue(name: string): string
}

export const createOpcUaAuthority = (folder: string, name: string): OpcUaAuthority => {
  const of = (file: string): string => join(folder, `${name}-${file}`)
  const signer = `-CA ${of('ca.pem')} -CAkey ${of('ca.key')}`
  openssl(
    `req -x509 ${RSA} -keyout ${of('ca.key')} -out ${of('ca.pem')} -days 2 -subj /CN=${name}` +
      ' -addext keyUsage=critical,keyCertSign,cRLSign',
  )
  writeFileSync(of('index'), '')
  writeFileSync(of('number'), '01')
  writeFileSync(
    of('cnf'),
    `[ca]\ndefault_ca=d\n[d]\ndatabase=${of('index')}\ncrlnumber=${of('number')}\n` +
      'default_md=sha256\ndefault_crl_days=2\n',
  )
  openssl(
    `ca -config ${of('cnf')} -gencrl -keyfile ${of('ca.key')} -cert ${of('ca.pem')}` +
      ` -out ${of('crl.pem')}`,
  )
  return {
    certificateFile: of('ca.pem'),
    revocationListFile: of('crl.pem'),
    issue(subject) {
      writeFileSync(
        of('ext'),
        `subjectAltName=URI:urn:${subject}\nbasicConstraints=CA:FALSE\n` +
          'keyUsage=digitalSignature,nonRepudiation,keyEncipherment,dataEncipherment\n' +
          'extendedKeyUsage=serverAuth,clientAuth\n' +
          'authorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n',
      )
      openssl(`req ${RSA} -keyout ${of('s.key')} -out ${of('csr')} -subj /CN=${subject}`)
      openssl(
        `x509 -req -in ${of('csr')} ${signer} -CAcreateserial -days 2 -extfile ${of('ext')}` +
          ` -out ${of('s.pem')}`,
      )
      return of('s.pem')
    },
  }
}

/** A throw-away certificate authority. */
export const createAuthority = (folder: string, name: string): Authority => {
  const { cert: ca } = selfSigned(folder, name, EC)
  const by = `-CA ${join(folder, `${name}.pem`)} -CAkey ${join(folder, `${name}.key`)}`
  return {
    ca,
    issue(subject) {
      const of = (ending: string): string => join(folder, `${name}-${subject}.${ending}`)
      writeFileSync(of('ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n')
      openssl(`req ${EC} -keyout ${of('key')} -out ${of('csr')} -subj /CN=${subject}`)
      openssl(
        `x509 -req -in ${of('csr')} ${by} -CAcreateserial -days 2 -extfile ${of('ext')}` +
          ` -out ${of('pem')}`,
      )
      return { cert: readFileSync(of('pem'), 'utf8'), key: readFileSync(of('key'), 'utf8') }
    },
  }
}

import { join } from 'node:path'
import type { DataType, StatusCode, VariantOptions } from 'node-opcua-client'
import type { OPCUAServer } from 'node-opcua-server'
import type { Quality } from '../../domain/reading.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Measurement, ReadMeter } from './measurement.ts'
import type { SimulatedMeters } from './mqtt-publisher.ts'

export interface OpcUaMeterServerOptions {
  readonly port: number
  /** Address to listen on; the loopback by default. */
  readonly host?: string
  /** Key and certificate are made here once and found again. */
  readonly pkiFolder: string
  /** Whether clients with an unknown certificate may come in; true. */
  readonly acceptUnknownClients?: boolean
  /** Who may log in with a password; anonymous may always, except when `anonymous` is false. */
  readonly users?: Readonly<Record<string, string>>
  readonly anonymous?: boolean
  /** 1000. */
  readonly periodMs?: number
  readonly meters: readonly { readonly name: string; readonly read: ReadMeter }[]
}

export interface OpcUaMeterServer extends SimulatedMeters {
  readonly url: string
  /** PEM file that clients have to trust. */
  readonly certificateFile: string
}

/** Nodes are `nsu=urn:busbar:sim;s=NAME.powerW`, phase quantities arrays of three. */
export const SIM_METERS_NAMESPACE = 'urn:busbar:sim'

interface Stack {
  readonly client: typeof import('node-opcua-client')
  readonly server: typeof import('node-opcua-server')
  readonly pki: typeof import('node-opcua-certificate-manager')
}

/** Half a second and 150 MB together with the standard address space, hence on first use. */
const loadStack = async (log: Log): Promise<Stack> => {
  const [client, server, pki] = await Promise.all([
    import('node-opcua-client'),
    import('node-opcua-server'),
    import('node-opcua-certificate-manager'),
  ])
  const remark = (...parts: unknown[]): void =>
    log.debug({ library: 'node-opcua', text: parts.map(String).join(' ') }, 'OPC UA stack')
  client.setWarningLogger(remark)
  client.setErrorLogger(remark)
  return { client, server, pki }
}

const createServer = async (
  { client, server, pki }: Stack,
  options: OpcUaMeterServerOptions,
): Promise<OPCUAServer> => {
  const { MessageSecurityMode, SecurityPolicy } = client
  const { acceptUnknownClients = true, users = {}, anonymous = true } = options
  const certificates = (folder: string) =>
    new pki.OPCUACertificateManager({
      rootFolder: folder,
      automaticallyAcceptUnknownCertificate: acceptUnknownClients,
      disableFileWatchers: true,
    })
  return new server.OPCUAServer({
    port: options.port,
    host: options.host ?? '127.0.0.1',
    hostname: options.host ?? '127.0.0.1',
    serverCertificateManager: certificates(options.pkiFolder),
    userCertificateManager: certificates(join(options.pkiFolder, 'users')),
    serverInfo: { applicationUri: 'urn:busbar:sim:meter-server', productUri: 'busbar-sim' },
    securityModes: [
      MessageSecurityMode.None,
      MessageSecurityMode.Sign,
      MessageSecurityMode.SignAndEncrypt,
    ],
    securityPolicies: [
      SecurityPolicy.None,
      SecurityPolicy.Basic256Sha256,
      SecurityPolicy.Aes128_Sha256_RsaOaep,
      SecurityPolicy.Aes256_Sha256_RsaPss,
    ],
    allowAnonymous: anonymous,
    userManager: { isValidUser: (name: string, password: string) => users[name] === password },
  })
}

/** How a variable is given a new value. */
type Show = (measurement: Measurement, atMs: number) => void

const statusOf = ({ StatusCodes }: Stack['client'], quality: Quality | undefined): StatusCode => {
  switch (quality) {
    case 'uncertain':
    case 'suspect':
      return StatusCodes.UncertainSensorNotAccurate
    case 'bad':
      return StatusCodes.BadSensorFailure
    case 'good':
    case undefined:
      return StatusCodes.Good
  }
}

/** One object per meter, one variable per quantity that it measures. */
const addMeters = (
  { client }: Stack,
  server: OPCUAServer,
  meters: OpcUaMeterServerOptions['meters'],
): Show[] => {
  const addressSpace = server.engine.addressSpace!
  const namespace = addressSpace.registerNamespace(SIM_METERS_NAMESPACE)
  const double: DataType = client.DataType.Double
  return meters.map(({ name, read }) => {
    const meter = namespace.addObject({
      organizedBy: addressSpace.rootFolder.objects,
      browseName: name,
      nodeId: `s=${name}`,
    })
    const variables = Object.entries(read()).flatMap(([quantity, first]) => {
      if (typeof first === 'string') return []
      const isArray = typeof first !== 'number'
      const variable = namespace.addVariable({
        componentOf: meter,
        browseName: quantity,
        nodeId: `s=${name}.${quantity}`,
        dataType: double,
        valueRank: isArray ? 1 : -1,
        ...(isArray ? { arrayDimensions: [3] } : {}),
      })
      return [{ quantity: quantity as Exclude<keyof Measurement, 'quality'>, isArray, variable }]
    })
    return (measurement, atMs) => {
      const status = statusOf(client, measurement.quality)
      for (const { quantity, isArray, variable } of variables) {
        const value = measurement[quantity]
        const variant: VariantOptions = {
          dataType: double,
          arrayType: isArray ? client.VariantArrayType.Array : client.VariantArrayType.Scalar,
          value: isArray ? Float64Array.from(value as readonly number[]) : value,
        }
        variable.setValueFromSource(variant, status, new Date(atMs))
      }
    }
  })
}

/**
 * An OPC UA server whose variables are simulated meters, offered without security and with the
 * three current policies. It takes about a second to start, 0.1 s more when it makes its key.
 */
export const createOpcUaMeterServer = (
  options: OpcUaMeterServerOptions,
  { clock, log }: { clock: Clock; log: Log },
): OpcUaMeterServer => {
  let server: OPCUAServer | null = null
  let cancel = (): void => {}

  return {
    url: `opc.tcp://${options.host ?? '127.0.0.1'}:${options.port}`,
    certificateFile: join(options.pkiFolder, 'own', 'certs', 'certificate.pem'),
    async start() {
      const stack = await loadStack(log)
      server = await createServer(stack, options)
      await server.initialize()
      const shows = addMeters(stack, server, options.meters)
      const showAll = (): void =>
        shows.forEach((show, index) => show(options.meters[index].read(), clock.now()))
      showAll()
      await server.start()
      cancel = clock.every(options.periodMs ?? 1_000, showAll)
    },
    async stop() {
      cancel()
      await server?.shutdown(0)
      server = null
    },
  }
}

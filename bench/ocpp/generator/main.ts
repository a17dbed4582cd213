import { serveParent } from '../child.ts'
import { createFleet, type Fleet, type FleetOptions } from './fleet.ts'
import { closedLoop, openLoop, type LoadOptions } from './loads.ts'
import { startMeter } from './meter.ts'

/** What the generator's process does when it is asked. */
export type GeneratorRequest =
  | ({ readonly do: 'arrive'; readonly serverPid: number } & FleetOptions)
  | ({ readonly do: 'closed' } & LoadOptions)
  | ({ readonly do: 'open'; readonly rate: number } & LoadOptions)
  /** Answers commands of the server until it has sent none for a while. */
  | { readonly do: 'rest'; readonly quietS: number; readonly atMostS: number }
  /** What each station was acknowledged, and what went wrong since the last question. */
  | { readonly do: 'report' }
  | { readonly do: 'leave' }

let fleet: Fleet | null = null

const current = (): Fleet => {
  if (fleet) return fleet
  throw new Error('The fleet has not arrived yet')
}

const rest = async (quietS: number, atMostS: number): Promise<void> => {
  const startedMs = performance.now()
  let before = -1
  while (performance.now() - startedMs < atMostS * 1000) {
    const commands = current().stations.reduce((sum, station) => sum + station.commands, 0)
    if (commands === before) return
    before = commands
    await new Promise((resume) => setTimeout(resume, quietS * 1000))
  }
}

const handle = async (request: GeneratorRequest): Promise<unknown> => {
  switch (request.do) {
    case 'arrive': {
      fleet = createFleet(request)
      const end = startMeter(request.serverPid)
      const arrival = await fleet.arrive()
      return { ...arrival, ...end() }
    }
    case 'closed':
      return await closedLoop(current().stations, current().faults, request)
    case 'open':
      return await openLoop(current().stations, current().faults, request, request.rate)
    case 'rest':
      return await rest(request.quietS, request.atMostS)
    case 'report': {
      const { stations, faults } = current()
      const acknowledged = stations.map(({ identity, acknowledged }) => [identity, acknowledged])
      return { acknowledged, faults: structuredClone(faults) }
    }
    case 'leave':
      fleet?.leave()
      fleet = null
      return null
  }
}

serveParent((request) => handle(request as GeneratorRequest))

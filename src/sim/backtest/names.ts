/** What can be replayed. */
export type AlgorithmName = 'uncontrolled' | 'fcfs' | 'rr' | 'edf' | 'llf' | 'busbar' | 'optimum'

/** What algorithms know of the vehicles that are there. */
export type KnowledgeName = 'perfect' | 'declared' | 'forecast'

/** Uniform in [0, 1). Seeded in tests and simulations. */
export interface Random {
  next(): number
}

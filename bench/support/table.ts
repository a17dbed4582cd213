export const print = (line = ''): void => void process.stdout.write(`${line}\n`)

/** Prints rows under a head: the first column to the left, the others to the right. */
export const printTable = (head: readonly string[], rows: readonly (readonly string[])[]): void => {
  const lines = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)))
  for (const line of lines) {
    const cells = line.map((cell, column) =>
      column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]),
    )
    print(cells.join('  ').trimEnd())
  }
}

/** Thousands apart: 61,204. */
export const whole = (value: number): string => Math.round(value).toLocaleString('en-US')

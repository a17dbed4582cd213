import type { Argument, Command, Option } from 'commander'

const INTRODUCTION = `# Command line

This page is made from the commands themselves; \`busbar COMMAND --help\` says the same.

- **Which Busbar.** Commands that ask a running Busbar take \`--url\` and \`--token\`, else the environment variables \`BUSBAR_URL\` and \`BUSBAR_TOKEN\`, else the file \`.busbar/cli.json\` of the present folder, which a demo writes (for its owner only, and removes when it stops). A saved token goes to no other address than its own. Without any of these the address is \`http://127.0.0.1:8080\`.
- **\`--json\`** prints one JSON document on standard output and nothing else. Errors then go to standard error as \`{"error":{"code":...,"message":...}}\`; the codes are those of [errors.md](errors.md), and \`usage\`, \`unreachable\`, \`timeout\`, \`not-busbar\`, \`not-understood\`, \`broker-unreachable\`, \`broker-refused\`, \`unreadable\`, \`unwritable\`, \`empty\`.
- **Exit codes.** 0: done. 1: it failed, or what was sent is not followed. 2: the command line makes no sense.
- **Colours** only on a terminal, and never when \`NO_COLOR\` is set. Control characters in what stations and utilities say are not passed on to the terminal.
- **Secrets** given as options stand in the list of processes of the machine; the environment variables do not. No command prints a secret but \`token create\` the new token, and \`serve\` that of a demo.
`

/** The reference as Markdown, one section per command; options that many share stand once. */
export const referenceOf = (program: Command): string => {
  const shared = new Map<string, readonly Option[]>()
  const sections = sectionsOf(program, program.name(), shared)
  const groups = [...shared].map(([heading, options]) =>
    [`## ${titleOf(heading)}`, tableOf('Option', options.map(optionRow))].join('\n\n'),
  )
  return `${[INTRODUCTION, ...groups, ...sections].join('\n\n')}\n`
}

/** @param shared takes the groups of options that have a heading of their own */
const sectionsOf = (
  command: Command,
  path: string,
  shared: Map<string, readonly Option[]>,
): string[] =>
  command.commands.flatMap((child) => {
    const name = `${path} ${child.name()}`
    return child.commands.length > 0
      ? sectionsOf(child, name, shared)
      : [sectionOf(child, name, shared)]
  })

const sectionOf = (
  command: Command,
  path: string,
  shared: Map<string, readonly Option[]>,
): string => {
  const words = command.registeredArguments.map(wordOf)
  const help = command.createHelp()
  const args = help.visibleArguments(command).map(argumentRow)
  const options = help.visibleOptions(command).filter(({ long }) => long !== '--help')
  const { '': own = [], ...groups } = Object.groupBy(
    options,
    (option) => option.helpGroupHeading ?? '',
  )
  for (const [heading, members = []] of Object.entries(groups)) shared.set(heading, members)
  return [
    `## ${path}`,
    `${capital(command.description())}.`,
    fence([path, ...words, '[options]'].join(' ')),
    ...(args.length > 0 ? [tableOf('Argument', args)] : []),
    ...(own.length > 0 ? [tableOf('Option', own.map(optionRow))] : []),
    ...moreOptions(Object.keys(groups).map(titleOf)),
    ...afterOf(command),
  ].join('\n\n')
}

/** A heading of help without its colon. */
const titleOf = (heading: string): string => heading.replace(/:$/, '')

const moreOptions = (titles: readonly string[]): string[] =>
  titles.length === 0 ? [] : [`More options: ${titles.map(linkTo).join('; ')}.`]

const linkTo = (title: string): string => `[${title}](#${title.toLowerCase().replaceAll(' ', '-')})`

const capital = (text: string): string => text[0].toUpperCase() + text.slice(1)

const fence = (text: string): string => `\`\`\`text\n${text}\n\`\`\``

const wordOf = (argument: Argument): string => {
  const word = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${word}>` : `[${word}]`
}

type Row = readonly [string, string]

const argumentRow = (argument: Argument): Row => [wordOf(argument), argument.description]

const optionRow = ({
  flags,
  description,
  argChoices,
  defaultValue,
  defaultValueDescription,
  mandatory,
}: Option): Row => [
  flags,
  [
    description,
    ...(mandatory ? ['required'] : []),
    ...(argChoices ? [`one of ${argChoices.map(code).join(', ')}`] : []),
    ...(defaultValue === undefined
      ? []
      : [`default ${code(defaultValueDescription ?? String(defaultValue))}`]),
  ].join('; '),
]

const code = (text: string): string => `\`${text}\``

const tableOf = (head: string, rows: readonly Row[]): string =>
  [
    `| ${head} | |`,
    '|--|--|',
    ...rows.map(([name, text]) => `| ${code(name)} | ${text.replaceAll('|', '\\|')} |`),
  ].join('\n')

/** What a command says below its options: what help prints more than the options. */
const afterOf = (command: Command): string[] => {
  let printed = ''
  command.configureOutput({ writeOut: (text) => (printed += text) }).outputHelp()
  const after = printed.slice(command.helpInformation().length).trim()
  if (after === '') return []
  const [title, ...lines] = after.split('\n')
  return title === 'Examples:' || title === 'Example:'
    ? [title, fence(lines.map((line) => line.trim()).join('\n'))]
    : [after]
}

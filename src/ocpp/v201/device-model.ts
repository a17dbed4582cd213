import type { StationVariable } from '../../csms/capability.ts'
import type { CommandResult } from '../../ports/station-gateway.ts'
import { byStatus, done, type Command } from '../command.ts'
import type { Request201, Response201, ToStation201 } from '../payloads201.ts'

type ReportItem = NonNullable<Request201<'NotifyReport'>['reportData']>[number]
type Component = ReportItem['component']
type Variable = ReportItem['variable']
type Attribute = NonNullable<Request201<'GetVariables'>['getVariableData'][number]['attributeType']>

/** One variable of a station, by name. */
export interface VariableName {
  /** `Component[.instance][@evse[/connector]]`. */
  readonly component: string
  /** `Variable[.instance]`. */
  readonly variable: string
  /** Actual (when left out), Target, MinSet, MaxSet. */
  readonly attribute?: string
}

export interface WriteOutcome extends VariableName {
  /** Accepted, RebootRequired, Rejected, UnknownComponent, UnknownVariable, ... */
  readonly status: string
}

/** A CALL of 2.0.1, typed by its schemas. */
export const call = <A extends ToStation201, T>(
  action: A,
  payload: Request201<A>,
  read: (response: Response201<A>) => CommandResult<T>,
): Command<T> => ({ action, payload, read })

export const componentText = ({ name, instance, evse }: Component): string => {
  const connector = evse?.connectorId === undefined ? '' : `/${evse.connectorId}`
  return `${name}${instance ? `.${instance}` : ''}${evse ? `@${evse.id}${connector}` : ''}`
}

export const variableText = ({ name, instance }: Variable): string =>
  instance ? `${name}.${instance}` : name

const readComponent = (text: string): Component => {
  const [path, place] = text.split('@')
  const [name, ...instance] = path.split('.')
  const [id, connectorId] = (place ?? '').split('/').map(Number)
  return {
    name,
    ...(instance.length > 0 && { instance: instance.join('.') }),
    ...(place !== undefined && {
      evse: { id, ...(connectorId !== undefined && { connectorId }) },
    }),
  }
}

const readVariable = (text: string): Variable => {
  const [name, ...instance] = text.split('.')
  return { name, ...(instance.length > 0 && { instance: instance.join('.') }) }
}

const target = ({ component, variable, attribute }: VariableName) => ({
  component: readComponent(component),
  variable: readVariable(variable),
  ...(attribute !== undefined &&
    attribute !== 'Actual' && { attributeType: attribute as Attribute }),
})

/**
 * What a report says, one entry per attribute. Limits and lists of the characteristics become
 * attributes of their own (`maxLimit`, `valuesList`): the capability is read from them.
 */
export const readReport = (items: readonly ReportItem[]): StationVariable[] =>
  items.flatMap((item) => {
    const component = componentText(item.component)
    const variable = variableText(item.variable)
    const entry = (attribute: string, value: string | null, readonly: boolean) => ({
      component,
      variable,
      attribute,
      value,
      readonly,
    })
    const { maxLimit, valuesList } = item.variableCharacteristics ?? {}
    return [
      ...item.variableAttribute.map(({ type, value, mutability }) =>
        entry(type ?? 'Actual', value ?? null, mutability === 'ReadOnly'),
      ),
      ...(maxLimit === undefined ? [] : [entry('maxLimit', String(maxLimit), true)]),
      ...(valuesList === undefined ? [] : [entry('valuesList', valuesList, true)]),
    ]
  })

/** Unknown ones are left out of the answer. */
export const getVariables = (names: readonly VariableName[]): Command<StationVariable[]> =>
  call('GetVariables', { getVariableData: names.map(target) }, ({ getVariableResult }) =>
    done(
      getVariableResult.flatMap(({ attributeStatus, attributeType, attributeValue, ...at }) =>
        attributeStatus === 'Accepted'
          ? [
              {
                component: componentText(at.component),
                variable: variableText(at.variable),
                attribute: attributeType ?? 'Actual',
                value: attributeValue ?? null,
                readonly: false,
              },
            ]
          : [],
      ),
    ),
  )

export const setVariables = (
  changes: readonly (VariableName & { readonly value: string })[],
): Command<WriteOutcome[]> =>
  call(
    'SetVariables',
    { setVariableData: changes.map((each) => ({ ...target(each), attributeValue: each.value })) },
    ({ setVariableResult }) =>
      done(
        setVariableResult.map(({ component, variable, attributeType, attributeStatus }) => ({
          component: componentText(component),
          variable: variableText(variable),
          attribute: attributeType ?? 'Actual',
          status: attributeStatus,
        })),
      ),
  )

/** The station answers, then reports in parts (NotifyReport). An empty result is no fault. */
export const getBaseReport = (requestId: number): Command<Response201<'GetBaseReport'>> =>
  call(
    'GetBaseReport',
    { requestId, reportBase: 'FullInventory' },
    byStatus(['Accepted', 'EmptyResultSet']),
  )

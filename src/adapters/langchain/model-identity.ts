import type { BaseChatModel } from '@langchain/core/language_models/chat_models'
import { withoutCredentials } from '../../semantic-cache/scope.ts'
import { isRecord } from './content.ts'
import { endpointSettings } from './endpoint-settings.ts'
import { plainSettings } from './plain-settings.ts'

export interface ModelIdentity {
  readonly provider: string
  readonly baseUrl?: string
  readonly model: string
  /** What else tells two models apart: the deployment, or what a nameless model was made with. */
  readonly identifying: Readonly<Record<string, unknown>>
}

/**
 * Which model a LangChain model object stands for: provider, endpoint and name where the integration says them, else
 * its type and identifying parameters.
 */
export function modelIdentity(model: BaseChatModel, options: Record<string, unknown>): ModelIdentity {
  const described = langSmithParams(model, options)
  const baseUrl = endpointOf(model)
  const name = firstText(described.ls_model_name, field(model, 'model'), field(model, 'modelName'))
  const provider = firstText(described.ls_provider) ?? model.getName()
  const where = baseUrl === undefined ? {} : { baseUrl: withoutCredentials(baseUrl) }
  const always = endpointSettings(holdersOf(model))
  if (name !== undefined) return { provider, ...where, model: name, identifying: { ...deploymentOf(model), ...always } }
  const identifying = { type: model.getName(), ...identifyingParams(model), ...constructorFields(model), ...always }
  return { provider, ...where, model: model._llmType(), identifying }
}

/** What a model without a name was made with, secrets and machinery left out. */
function constructorFields(model: BaseChatModel): Record<string, unknown> {
  const kwargs: unknown = model.lc_kwargs
  return isRecord(kwargs) ? plainSettings(kwargs, Object.keys(model.lc_secrets ?? {})) : {}
}

function identifyingParams(model: BaseChatModel): Record<string, unknown> {
  const params: unknown = attempt(() => model._identifyingParams())
  return isRecord(params) ? plainSettings(params, Object.keys(model.lc_secrets ?? {})) : {}
}

function langSmithParams(model: BaseChatModel, options: Record<string, unknown>): Record<string, unknown> {
  const params: unknown = attempt(() => model.getLsParams(options as never))
  return isRecord(params) ? params : {}
}

/** Integrations have no common name for their endpoint. */
const ENDPOINT_FIELDS = [
  'baseURL',
  'baseUrl',
  'apiUrl',
  'endpoint',
  'azureOpenAIEndpoint',
  'azureOpenAIBasePath',
] as const

function endpointOf(model: BaseChatModel): string | undefined {
  return firstText(...holdersOf(model).flatMap((holder) => ENDPOINT_FIELDS.map((name) => field(holder, name))))
}

/** Where integrations keep how they reach their provider. */
function holdersOf(model: BaseChatModel): readonly unknown[] {
  return [model, field(model, 'clientConfig'), field(model, 'clientOptions'), field(model, 'configuration')]
}

/** Where the name of a model is not all that selects it. */
const DEPLOYMENT_FIELDS = [
  'azureOpenAIApiInstanceName',
  'azureOpenAIApiDeploymentName',
  'azureOpenAIApiVersion',
  'region',
  'location',
  'apiVersion',
]

function deploymentOf(model: BaseChatModel): Record<string, unknown> {
  const fields = DEPLOYMENT_FIELDS.map((name) => [name, field(model, name)] as const)
  return Object.fromEntries(fields.filter(([, value]) => typeof value === 'string'))
}

function field(holder: unknown, name: string): unknown {
  return typeof holder === 'object' && holder !== null && name in holder
    ? (holder as Record<string, unknown>)[name]
    : undefined
}

function firstText(...values: unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '')
}

/** A model that cannot describe itself is described by the rest. */
function attempt<Result>(describe: () => Result): Result | undefined {
  try {
    return describe()
  } catch {
    return undefined
  }
}

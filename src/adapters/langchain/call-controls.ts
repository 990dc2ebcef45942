import { type CallControls, checkControls, UnknownTenant } from '../../core/controls.ts'
import { invalidOption } from '../../core/options.ts'
import { isRecord } from './content.ts'

/** What a tenant function may look at: the config of the call, and the runtime's context inside LangGraph. */
export interface TenantContext {
  readonly configurable: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>>
  readonly context?: unknown
}

/** Whose data it is: fixed, or found out for each call. `undefined` is the anonymous tenant. */
export type Tenant = string | ((context: TenantContext) => string | undefined)

/** Defaults for every call; `config.configurable.reprise` of a call overrides them field by field. */
export interface ControlOptions extends Omit<CallControls, 'signal' | 'tenant'> {
  readonly tenant?: Tenant
}

/**
 * The controls of one call. What cannot be meant is handed on as it is: the cache then stays out of the call and its
 * event says why.
 */
export function callControls(defaults: ControlOptions, context: TenantContext, signal?: AbortSignal): CallControls {
  const { tenant, ...fixed } = defaults
  const given = context.configurable.reprise
  if (given !== undefined && !isRecord(given)) return { mode: given as never }
  const controls = { ...fixed, ...(given as CallControls | undefined), ...(signal && { signal }) }
  return given?.tenant !== undefined ? controls : { ...controls, ...tenantOf(tenant, context) }
}

function tenantOf(tenant: Tenant | undefined, context: TenantContext): { tenant?: string } {
  if (typeof tenant !== 'function') return tenant === undefined ? {} : { tenant }
  try {
    const found = tenant(context)
    return found === undefined ? {} : { tenant: found }
  } catch (error) {
    // The cache stays out: an answer must not go to a tenant that is not known.
    return { tenant: new UnknownTenant(error) as never }
  }
}

/** @throws CacheError INVALID_OPTION */
export function checkControlOptions({ tenant, ...controls }: ControlOptions): void {
  if (typeof tenant === 'function') return checkControls(controls)
  if (tenant !== undefined && typeof tenant !== 'string')
    throw invalidOption('tenant', 'a string or a function', tenant)
  checkControls({ ...controls, ...(tenant !== undefined && { tenant }) })
}

import { randomUUID } from 'node:crypto'
import type { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { checkTenant } from '../../core/controls.ts'
import { invalidOption, knownOptions } from '../../core/options.ts'
import type { CacheRecord } from '../../core/outcome.ts'
import { noteCalledAs } from '../../tool-cache/called-as.ts'
import { checkedPolicies, checkWithCache } from '../../tool-cache/policies.ts'
import type { AuditRow, ToolCache, ToolControls, ToolDescription, ToolResult } from '../../tool-cache/tool-cache.ts'
import { policyOfWriter, type ToolPolicy } from '../../tool-cache/tool-policy.ts'
import { listenForChanges } from './list-changes.ts'
import { definitionsOf, descriptionOf, isRecord, ToolList } from './tool-list.ts'

/** A client of `@modelcontextprotocol/sdk`, as far as it matters here. */
export type McpClient = Pick<Client, 'callTool' | 'listTools' | 'getServerVersion'>

export interface CachedMcpClientOptions {
  readonly cache: ToolCache
  /**
   * Names the server and how it was set up (folder, account). Clients of one name share results, in all processes on
   * the store. Default: a name of this client's own, so that nothing is shared beyond it.
   */
  readonly server?: string
  readonly tenant?: string
  /** By the server's tool names. Those of the cache, by `server/name`, hold where these say nothing. */
  readonly policies?: Readonly<Record<string, ToolPolicy>>
  /** Whatever else results depend on: plain data, part of the key. */
  readonly context?: () => unknown
}

/**
 * The same client with `callTool` answered from the cache where policy or annotations allow it. Results that carry no
 * policy of their own are dropped with every call of a tool of the same server that is not read-only: annotations say
 * that a tool reads, but not what. `result._meta.reprise` says what the cache did.
 *
 * Lists the server's tools. Annotations are the server's word: for a server you do not trust, give policies.
 *
 * @throws CacheError INVALID_OPTION, also for a policy that names a tool the server does not have
 * @example
 * const client = await cachedMcpClient(new Client(info), { cache: toolCache, server: 'files:/data' })   // connected before
 */
export async function cachedMcpClient<WrappedClient extends McpClient>(
  client: WrappedClient,
  options: CachedMcpClientOptions,
): Promise<WrappedClient> {
  knownOptions('cachedMcpClient', options, ['cache', 'server', 'tenant', 'policies', 'context'])
  const { cache, tenant, context, policies = {} } = options
  if (typeof cache?.getOrCall !== 'function') throw invalidOption('cache', 'a tool cache', cache)
  if (!isRecord(client) || typeof client.callTool !== 'function' || typeof client.listTools !== 'function') {
    throw invalidOption('the client of cachedMcpClient', 'an MCP client', client)
  }
  if (tenant !== undefined) checkTenant(tenant)
  if (options.server !== undefined && (typeof options.server !== 'string' || options.server === '')) {
    throw invalidOption('server', 'a non-empty string', options.server)
  }
  if (context !== undefined && typeof context !== 'function') throw invalidOption('context', 'a function', context)
  const server = options.server ?? `${client.getServerVersion()?.name ?? 'server'}:${randomUUID()}`
  const tools = new ToolList((cursor) => client.listTools(cursor === undefined ? undefined : { cursor }))
  await tools.load()
  await listenForChanges(client, () => tools.reload())
  const checked = checkedPolicies(policies, tools.all)
  checkWithCache(
    cache,
    [...checked].map(([name, policy]) => ({ name: `${server}/${name}`, policy })),
  )

  /** Tools of all servers have one list of policies and one account: each is called by its server and name. */
  const asCalled = (tool: ToolDescription): ToolDescription => {
    const name = `${server}/${tool.name}`
    const [own] = cache.audit([{ name }])
    return { ...tool, name, policy: policyOf(checked.get(tool.name), own, tool.annotations, server) }
  }
  const callTool = async (...[params, ...rest]: Parameters<McpClient['callTool']>) => {
    const { name, arguments: args = {} } = params
    await tools.settled()
    if (!tools.get(name)) await tools.load().catch(() => undefined)
    const tool = tools.get(name)
    let own: { readonly result: ToolResult; readonly output: unknown } | undefined
    const { result, record } = await cache.getOrCall(
      { ...asCalled(tool ?? { name }), args },
      async (_args, signal) => {
        const [resultSchema, requestOptions] = rest
        const output = await client.callTool(params, resultSchema, { ...requestOptions, signal })
        const result = resultOf(output, 'task' in params)
        own = { result, output }
        return result
      },
      controlsOf(tenant, context, rest[1]?.signal),
    )
    return withRecord(own && own.result === result ? own.output : outputOf(result), record)
  }
  const listTools = async (...args: Parameters<McpClient['listTools']>) => {
    const page = await client.listTools(...args)
    tools.add(page)
    for (const definition of definitionsOf(page)) noteCalledAs(definition, asCalled(descriptionOf(definition)))
    return page
  }

  const members: Record<string | symbol, unknown> = { callTool, listTools }
  return new Proxy(client, {
    get: (target, name) => {
      if (Object.hasOwn(members, name)) return members[name]
      const member = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

/**
 * What is added to the policy given here; `own` is what the cache's own policy for the tool says. With nothing said about
 * tags, reads depend on everything of the server, and whatever is no read changes everything.
 */
function policyOf(
  given: ToolPolicy | undefined,
  own: AuditRow | undefined,
  annotations: unknown,
  server: string,
): ToolPolicy {
  const everything = [`mcp:${server.replaceAll(/[{}]/g, '_')}`]
  const writes = given?.writes ?? own?.writes ?? []
  if (writes.length > 0) return { ...given, writes: [...writes, ...everything] }
  const isOwnRead = own?.rule === 'policy' && own.cached
  if (given?.reads || given?.ttlMs !== undefined || isOwnRead) return { ...given }
  const readOnly = isRecord(annotations) && annotations.readOnlyHint === true
  if (!readOnly) return policyOfWriter({ ...given, writes: everything })
  // An open world changes by itself; what else is read-only may be reused until something is written.
  return annotations.openWorldHint === true ? { ...given } : { ...given, reads: everything }
}

function controlsOf(
  tenant: string | undefined,
  context: (() => unknown) | undefined,
  signal: AbortSignal | undefined,
): ToolControls {
  return {
    ...(tenant !== undefined && { tenant }),
    ...(context && { context: context() }),
    ...(signal && { signal }),
  }
}

function resultOf(output: unknown, isTask: boolean): ToolResult {
  // A task is a promise of the server's own; the old form `toolResult` is plain data like any other.
  if (isTask || !isRecord(output) || 'task' in output) return { content: output, passThrough: true }
  const { content, structuredContent, isError, ...extra } = output
  return {
    content,
    ...(structuredContent !== undefined && { artifact: structuredContent }),
    ...(isError !== undefined && { status: isError ? ('error' as const) : ('success' as const) }),
    extra,
  }
}

function outputOf({ content, artifact, status, extra }: ToolResult): unknown {
  return {
    ...extra,
    ...(content !== undefined && { content }),
    ...(artifact !== undefined && { structuredContent: artifact }),
    ...(status !== undefined && { isError: status === 'error' }),
  }
}

function withRecord(output: unknown, record: CacheRecord): unknown {
  if (!isRecord(output)) return output
  return { ...output, _meta: { ...(isRecord(output._meta) && output._meta), reprise: record } }
}

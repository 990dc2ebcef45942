import { randomUUID } from 'node:crypto'
import { fingerprint } from '../core/fingerprint.ts'
import { invalidOption, knownOptions } from '../core/options.ts'
import { checkPolicyOfTool, checkWithCache } from './policies.ts'
import type { ToolCache, ToolControls, ToolDescription } from './tool-cache.ts'
import { checkedPolicy, isPolicyName, policyPart, type ToolPolicy } from './tool-policy.ts'

export interface CachedFunctionOptions extends ToolPolicy {
  readonly cache: ToolCache
  /**
   * Default: the function's own name, or `Class.method`. The function's source text is part of the key, so that two
   * functions of one name do not answer for each other, and a changed one starts anew. A bound or native function shows
   * no source text and needs a name that no other one has.
   */
  readonly name?: string
  /** Of the argument, or of the list of arguments when there are several; the function gets what it parses. */
  readonly schema?: unknown
  readonly tenant?: string
  /**
   * What else the result depends on: variables a closure holds, fields of the object a method belongs to. `self` is the
   * object, for a static method the class. Without it, methods share results within one object (static: one class) only.
   */
  readonly context?: (self: unknown) => unknown
}

type AsyncFunction<This, Arguments extends unknown[], Result> = (this: This, ...args: Arguments) => Promise<Result>

/** Replaces a method by one whose results are reused. */
export type CachedMethodDecorator = <This, Arguments extends unknown[], Result>(
  method: AsyncFunction<This, Arguments, Result>,
  context: ClassMethodDecoratorContext<This, AsyncFunction<This, Arguments, Result>>,
) => AsyncFunction<This, Arguments, Result>

/**
 * The same function with its results reused. A single argument that is a plain object gives the names for tags
 * (`order:{id}`), otherwise arguments are named by their place (`order:{0}`).
 *
 * @throws CacheError INVALID_OPTION
 * @example
 * const price = cachedFunction(fetchPrice, { cache: toolCache, ttlMs: 60_000 })
 */
export function cachedFunction<Arguments extends unknown[], Result>(
  fn: (...args: Arguments) => Promise<Result> | Result,
  options: CachedFunctionOptions,
): (...args: Arguments) => Promise<Result>
/**
 * The same for a method, as a TC39 decorator.
 *
 * @throws CacheError INVALID_OPTION
 * @example
 * class Shop {
 *   @cachedFunction({ cache: toolCache, reads: ['order:{0}'], context: (shop) => (shop as Shop).region })
 *   async order(id: string) { … }
 * }
 */
export function cachedFunction(options: CachedFunctionOptions): CachedMethodDecorator
export function cachedFunction(
  first: ((...args: unknown[]) => unknown) | CachedFunctionOptions,
  second?: CachedFunctionOptions,
): unknown {
  if (typeof first === 'function') {
    const options = checkedOptions(second, first.name)
    const name = options.name ?? first.name
    if (name === '') throw invalidOption('name', 'given for a function without a name of its own', undefined)
    requireSource(first, options)
    const wrapped = wrap(first, name, options, 'function')
    return Object.defineProperties(wrapped, { name: { value: first.name }, length: { value: first.length } })
  }
  const options = checkedOptions(first, 'method')
  return (method: (...args: unknown[]) => unknown, context: ClassMethodDecoratorContext) => {
    if (context?.kind !== 'method') throw invalidOption('cachedFunction', 'used on a method', context?.kind)
    requireSource(method, options)
    return wrap(method, String(context.name), options, 'method')
  }
}

function checkedOptions(options: CachedFunctionOptions | undefined, name: string): CachedFunctionOptions {
  const known = ['cache', 'name', 'schema', 'tenant', 'context']
  knownOptions('cachedFunction', options, [...known, ...Object.keys(options ?? {}).filter(isPolicyName)])
  if (!options || typeof options.cache?.getOrCall !== 'function') {
    throw invalidOption('cache of cachedFunction', 'a tool cache', options?.cache)
  }
  if (options.name !== undefined && (typeof options.name !== 'string' || options.name === '')) {
    throw invalidOption('name of cachedFunction', 'a non-empty string', options.name)
  }
  if (options.context !== undefined && typeof options.context !== 'function') {
    throw invalidOption('context of cachedFunction', 'a function', options.context)
  }
  const tool: ToolDescription = { name: options.name ?? name, schema: options.schema }
  const policy = checkedPolicy(tool.name, policyPart(options))
  checkPolicyOfTool(tool, policy)
  if (tool.name !== '') checkWithCache(options.cache, [{ ...tool, policy }])
  return options
}

/** Bound, native and proxied functions all have one source text: `bound get` of one object would answer for another. */
function requireSource(fn: (...args: unknown[]) => unknown, { name }: CachedFunctionOptions): void {
  if (name !== undefined || !/\{\s*\[native code\]\s*\}$/.test(Function.prototype.toString.call(fn))) return
  throw invalidOption(
    'name of cachedFunction',
    'given for a bound, native or proxied function, one name for each: their source text tells none from another',
    undefined,
  )
}

function wrap(
  fn: (...args: unknown[]) => unknown,
  name: string,
  options: CachedFunctionOptions,
  kind: 'function' | 'method',
): (...args: unknown[]) => Promise<unknown> {
  const { cache, schema, tenant, context } = options
  const policy = policyPart(options)
  const text = Function.prototype.toString.call(fn)
  const source = fingerprint('function-source', text)
  // A function made a member by hand is as much a method as a decorated one, if it looks at its object.
  const readsSelf = kind !== 'function' || /\b(?:this|super)\b/.test(text)
  return async function (this: unknown, ...args: unknown[]) {
    const isNamed = args.length === 1 && isPlainObject(args[0])
    // A method taken off its object belongs to its own declaration only: a class made twice has two.
    const self = kind === 'function' ? this : (this ?? fn)
    const owner = readsSelf && self !== undefined ? ownerOf(self, context === undefined) : undefined
    const controls: ToolControls = {
      // With a schema one argument stands by itself: `f([1, 2])` must not answer for `f(1, 2)`.
      context: {
        source,
        owner,
        given: context?.(this),
        ...(schema !== undefined && args.length !== 1 && { isList: true }),
      },
      ...(tenant !== undefined && { tenant }),
    }
    const call = {
      name: options.name ?? fullName(kind, this, name),
      args: isNamed || schema !== undefined ? onlyOf(args) : args,
      schema,
      policy,
    }
    const { result } = await cache.getOrCall(
      call,
      async (parsed) => {
        const isList = args.length !== 1 && Array.isArray(parsed)
        const given = schema === undefined ? args : isList ? parsed : [parsed]
        return { content: await fn.apply(this, given) }
      },
      controls,
    )
    return result.content
  }
}

function fullName(kind: 'function' | 'method', self: unknown, name: string): string {
  if (kind === 'function') return name
  const owner = typeof self === 'object' || typeof self === 'function' ? self && classOf(self)?.name : undefined
  return owner ? `${owner}.${name}` : name
}

/** With a schema for one argument the schema is about the argument, not about a list of one. */
function onlyOf(args: readonly unknown[]): unknown {
  return args.length === 1 ? args[0] : args
}

const objects = new WeakMap<object, string>()

/**
 * Class of the object a method is called on (of a static one the class itself, which may be a derived one), and the very
 * object unless its state is given otherwise.
 */
function ownerOf(self: unknown, isByObject: boolean): unknown {
  if ((typeof self !== 'object' && typeof self !== 'function') || self === null) return { value: self }
  const className = classOf(self)?.name ?? ''
  if (!isByObject) return { className }
  const id = objects.get(self) ?? randomUUID()
  objects.set(self, id)
  return { className, id }
}

function classOf(self: object): { readonly name?: unknown } | undefined {
  return typeof self === 'function' ? self : (self.constructor as { readonly name?: unknown } | undefined)
}

function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

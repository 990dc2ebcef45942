import { CacheError } from '../core/errors.ts'
import { invalidOption } from '../core/options.ts'
import { pathSteps, valueAt } from './argument-path.ts'
import type { SchemaArguments } from './tool-schema.ts'

/** A tag with arguments in it: `order:{id}`, `user:{customer.id}`. */
export interface TagTemplate {
  readonly text: string
  /** Texts and paths in turn, a text first. */
  readonly pieces: readonly (string | readonly string[])[]
}

/** One call must not clear or carry an unbounded number of tags. */
const MAX_TAGS = 1_000

/** @throws CacheError INVALID_OPTION for unpaired braces or an empty argument name */
export function parseTagTemplate(tool: string, text: string): TagTemplate {
  const pieces: (string | readonly string[])[] = []
  let rest = text
  for (;;) {
    const open = rest.indexOf('{')
    const literal = open < 0 ? rest : rest.slice(0, open)
    const close = open < 0 ? -1 : rest.indexOf('}', open)
    const path = rest.slice(open + 1, close).trim()
    if (literal.includes('}') || (open >= 0 && (close < 0 || path === '' || path.includes('{')))) {
      throw invalidOption(`tag of tool ${JSON.stringify(tool)}`, 'text with arguments such as "order:{id}"', text)
    }
    pieces.push(literal)
    if (open < 0) return { text, pieces }
    pieces.push(pathSteps(path))
    rest = rest.slice(close + 1)
  }
}

/**
 * The tags of one call, without repeats. A list in the arguments gives one tag per item.
 *
 * @throws CacheError INVALID_OPTION naming tool and tag when an argument is missing or is no text, number or boolean
 */
export function renderTags(tool: string, templates: readonly string[], args: unknown): readonly string[] {
  const tags = new Set<string>()
  for (const template of templates) {
    for (const tag of render(tool, parseTagTemplate(tool, template), args)) {
      tags.add(tag)
      if (tags.size > MAX_TAGS) {
        throw new CacheError(
          'INVALID_OPTION',
          `a call of tool ${JSON.stringify(tool)} must have at most ${MAX_TAGS} tags`,
        )
      }
    }
  }
  return [...tags]
}

function render(tool: string, { text, pieces }: TagTemplate, args: unknown): readonly string[] {
  let tags: string[] = ['']
  for (const piece of pieces) {
    const values = typeof piece === 'string' ? [piece] : argumentTexts(tool, text, piece, args)
    tags = tags.flatMap((tag) => values.map((value) => tag + value))
    if (tags.length > MAX_TAGS) break
  }
  return tags
}

function argumentTexts(tool: string, template: string, steps: readonly string[], args: unknown): readonly string[] {
  const value = valueAt(args, steps)
  if (Array.isArray(value)) return value.map((item) => argumentText(tool, template, steps, item))
  return [argumentText(tool, template, steps, value)]
}

function argumentText(tool: string, template: string, steps: readonly string[], value: unknown): string {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  const actual = value === undefined ? 'no such argument' : value === null ? 'null' : `a value of type ${typeof value}`
  throw new CacheError(
    'INVALID_OPTION',
    `tag ${JSON.stringify(template)} of tool ${JSON.stringify(tool)} must find a text, number or boolean in argument ` +
      `${JSON.stringify(steps.join('.'))}, got ${actual}`,
  )
}

/**
 * Refuses templates whose argument the schema does not know, or does not require: such a call would fail when it comes.
 *
 * @throws CacheError INVALID_OPTION naming tool and tag
 */
export function checkTagsAgainstSchema(
  tool: string,
  templates: readonly string[],
  known: SchemaArguments | undefined,
): void {
  if (!known) return
  for (const template of templates) {
    for (const piece of parseTagTemplate(tool, template).pieces) {
      const first = typeof piece === 'string' ? undefined : piece[0]
      if (first === undefined || known.always.includes(first)) continue
      const isOptional = known.all.includes(first)
      if (!isOptional && known.isOpen) continue
      throw new CacheError(
        'INVALID_OPTION',
        `tag ${JSON.stringify(template)} of tool ${JSON.stringify(tool)} must use arguments that every call has ` +
          `(${known.always.join(', ') || 'none'}), got ${JSON.stringify(first)}, ` +
          `which ${isOptional ? 'is optional: require it or give it a default' : 'the schema does not have'}`,
      )
    }
  }
}

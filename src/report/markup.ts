/** Text that is safe to stand in the page as it is. Only `markup` and `trusted` make it, so nothing reaches the page unescaped. */
export class Markup {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }
}

type Value = Markup | string | number | undefined | false | readonly Value[]

/** A template whose values are escaped, unless they are markup themselves; lists are joined, undefined and false are nothing. */
export function markup(literals: TemplateStringsArray, ...values: readonly Value[]): Markup {
  let text = literals[0] ?? ''
  for (let i = 0; i < values.length; i++) text += textOf(values[i]) + (literals[i + 1] ?? '')
  return new Markup(text)
}

function textOf(value: Value): string {
  if (value === undefined || value === false) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'object') return value.map(textOf).join('')
  return escapeText(String(value))
}

/** For element content and quoted attributes alike. What no page may hold (control characters, half a surrogate pair) becomes a replacement sign. */
function escapeText(text: string): string {
  return (
    text
      .replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/g, '\uFFFD')
      .replace(/\p{Surrogate}/gu, '\uFFFD')
  )
}

/** Takes a text of our own as markup. Never for anything that comes from outside. */
export function trusted(text: string): Markup {
  return new Markup(text)
}

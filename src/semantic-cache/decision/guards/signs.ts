import { differenceInCase } from '../text/letter-case.ts'
import { differenceInSigns } from '../text/lone-signs.ts'
import { finding, type Guard } from './guard.ts'

/** Part of a name or number, which is another one without them: C++, C#, A+, a--, -5. A heading and #12 are not meant. */
const ATTACHED =
  /(?<=\p{L})#|(?<=[\p{L}\p{N}])\+\+|(?<=(?<!\p{L})\p{L})\+(?![\p{L}\p{N}])|(?<=\p{L})--(?![\p{L}\p{N}])|(?<=^|[\s^*/(=<>])(?<!\d\s)-(?=\d)/gu
/** Signs between things. Words can say the same, so one text alone may have them. "5-10 people", 2024-05-01 and "Python + Redis" are no sums. */
const BETWEEN = /[!<>]=+|={1,3}|&&|\|{1,2}|\^|[<>]|(?<=\d\s)[-+/*](?=\s\d)|(?<=\d)\*(?=\d)/gu
/** Arrows and the marks of a quotation are ways of writing, and say what words say elsewhere. */
const WAYS_OF_WRITING = /[-=]+>|<[-=]+|^\s*>+/gmu
const PICTURES = /\p{Extended_Pictographic}/gu
const NO_PICTURES = /[©®™]/gu

/**
 * Attached signs must be the same; signs between things and pictures too where both texts have some. Where the words are
 * the same, so must be the case of letters that carries a meaning, and every sign that is no way of writing.
 */
export const signsGuard: Guard = {
  name: 'signs',
  vetoes: true,
  inspect({ asked, stored }) {
    const seen = [asked.text, stored.text].map(signsOf)
    const [own = NONE, other = NONE] = seen
    const printed = seen.map((signs) => Object.values(signs).join(' ').trim())
    const differ = (kind: keyof Signs) => own[kind] !== other[kind]
    const bothHave = (kind: keyof Signs) => own[kind] !== '' && other[kind] !== ''
    const isOther =
      differ('attached') || (['between', 'pictures'] as const).some((kind) => differ(kind) && bothHave(kind))
    const between = isOther ? undefined : (differenceInCase(asked, stored) ?? differenceInSigns(asked, stored))
    if (between) return finding('signs', 'differ', ...between)
    const isSame = !differ('between') && !differ('pictures')
    return finding('signs', isOther ? 'differ' : isSame ? 'agree' : 'unsure', ...printed)
  },
}

interface Signs {
  readonly attached: string
  readonly between: string
  readonly pictures: string
}
const NONE: Signs = { attached: '', between: '', pictures: '' }

function signsOf(text: string): Signs {
  const plain = text
    .normalize('NFKC')
    .replace(WAYS_OF_WRITING, ' ')
    .replace(/\s*×\s*/g, ' * ')
    .replace(/\s*÷\s*/g, ' / ')
  const all = (signs: RegExp) => (plain.match(signs) ?? []).sort().join(' ')
  return { attached: all(ATTACHED), between: all(BETWEEN), pictures: picturesOf(text) }
}

function picturesOf(text: string): string {
  return [...new Set(text.replace(NO_PICTURES, '').match(PICTURES) ?? [])].sort().join(' ')
}

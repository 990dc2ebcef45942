import { finding, type Guard } from './guard.ts'

/** Signs that name something else when they change: C++, C#, A+, -5, x > y, ==, &&, 10 / 5. */
const OPERATORS = new RegExp(
  [
    String.raw`[!<>]=+|={1,3}|&&|\|{1,2}|\^`,
    // After a letter: C#, not #12 or a heading.
    String.raw`(?<=\p{L})#`,
    // Attached to a word, or between numbers: "Python + Redis" is an enumeration.
    String.raw`(?<=[\p{L}\p{N}])\+{1,2}|(?<=\d\s)\+(?=\s\d)|(?<=\p{L})--(?![\p{L}\p{N}])`,
    String.raw`(?<![\p{L}\p{N}\s.,:-])-(?=\d)|(?<=^|\s)-(?=\d)`,
    // "5-10 people" and 2024-05-01 are no sums.
    String.raw`(?<=\d\s)[-/*×÷](?=\s\d)`,
    '[<>]',
  ].join('|'),
  'gu',
)
/** Arrows and the marks of a quotation are ways of writing, and say what words say elsewhere. */
const WAYS_OF_WRITING = /[-=]+>|<[-=]+|^\s*>+/gmu
const PICTURES = /\p{Extended_Pictographic}/gu
const NO_PICTURES = /[©®™]/gu

/** Operators must be the same; pictures too where both texts have some, because one alone is mostly decoration. */
export const signsGuard: Guard = {
  name: 'signs',
  vetoes: true,
  inspect({ asked, stored }) {
    const operators = [operatorsOf(asked.text), operatorsOf(stored.text)] as const
    const pictures = [picturesOf(asked.text), picturesOf(stored.text)] as const
    const said = [`${operators[0]} ${pictures[0]}`.trim(), `${operators[1]} ${pictures[1]}`.trim()] as const
    if (operators[0] !== operators[1]) return finding('signs', 'differ', ...said)
    if (pictures[0] === pictures[1]) return finding('signs', 'agree', ...said)
    return finding('signs', pictures[0] !== '' && pictures[1] !== '' ? 'differ' : 'unsure', ...said)
  },
}

function operatorsOf(text: string): string {
  const plain = text.normalize('NFKC').replace(WAYS_OF_WRITING, ' ')
  return (plain.match(OPERATORS) ?? []).sort().join(' ')
}

function picturesOf(text: string): string {
  return [...new Set(text.replace(NO_PICTURES, '').match(PICTURES) ?? [])].sort().join(' ')
}

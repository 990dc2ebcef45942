import { shippedFits } from '../../semantic-cache/decision/fits/index.ts'
import { type Language, languageOf } from '../../semantic-cache/decision/text/language.ts'
import { countOf, type LabelledPair, listOf, UnusableInput } from './labelled-pairs.ts'

/** Few such pairs are left out; more of them are a mistake worth stopping for. */
const TOLERATED_SHARE = 0.05

/** Small words of other languages in Latin script that are no English words: script alone does not tell them apart. */
const FOREIGN_WORDS = new Set(
  (
    'ich nicht wie kann mein meine meinen ist sind der das ein eine einen und für wird wo warum welche bei mit auf zum zur ' +
    'je puis mon ma mes est sont le la les une des du et pour comment pourquoi quelle quel où avec sur dans vous ' +
    'puedo mi mis el los las una y para cómo como qué dónde por con está es son del al cuánto ' +
    'posso mio mia il lo gli di che perché quale dove con è sono della nel ' +
    'meu minha os uma não onde qual você são ' +
    'kan ik mijn het een hoe waarom niet van voor met op jag kan hur är och inte att jak mogę moje nie czy jest się'
  ).split(' '),
)
const ENGLISH_WORDS = new Set(
  'the is are was do does did how what why who when where which can to of in my you i and for with it a an be this that on at or not'.split(
    ' ',
  ),
)

/** The language of a text as the policy sees it, but for Latin script that is plainly not English. */
export function languageIn(text: string): Language {
  const language = languageOf(text)
  if (language !== 'en') return language
  const words = text.toLowerCase().match(/[\p{L}']+/gu) ?? []
  const foreign = words.filter((word) => FOREIGN_WORDS.has(word)).length
  const english = words.filter((word) => ENGLISH_WORDS.has(word)).length
  return foreign >= 2 && foreign > english ? 'other' : 'en'
}

/** Languages that can be tuned with an embedder: those of its own shipped fits, else all that any fit has. */
function languagesOf(embedderId: string): readonly Language[] {
  const id = embedderId.toLowerCase()
  const own = shippedFits().filter(({ embedders }) => embedders.some((part) => id.includes(part.toLowerCase())))
  const fits = own.length > 0 ? own : shippedFits().filter(({ embedders }) => embedders.length === 0)
  return [...new Set(fits.flatMap(({ languages }) => languages))]
}

/**
 * The pairs in languages that the embedder, and the rules of the decision, can read.
 *
 * @throws UnusableInput when more than one in twenty is not
 */
export function readableFor(
  embedderId: string,
  pairs: readonly LabelledPair[],
): { readonly pairs: readonly LabelledPair[]; readonly foreign: number } {
  const languages = languagesOf(embedderId)
  const isReadable = ({ asked, stored }: LabelledPair) =>
    languages.includes(languageIn(asked)) && languages.includes(languageIn(stored))
  const readable = pairs.filter(isReadable)
  const foreign = pairs.filter((pair) => !isReadable(pair))
  if (foreign.length > TOLERATED_SHARE * pairs.length) {
    const names = { en: 'English', zh: 'Chinese', other: 'another language' }
    throw new UnusableInput(
      `${countOf(foreign.length, 'pair')} of ${pairs.length} are in a language that cannot be tuned with ${embedderId} ` +
        `(${languages.map((language) => names[language]).join(' and ')} can):\n` +
        listOf(foreign.map(({ at, asked }) => `${at}: ${JSON.stringify(asked)} (${names[languageIn(asked)]})`)),
    )
  }
  return { pairs: readable, foreign: foreign.length }
}

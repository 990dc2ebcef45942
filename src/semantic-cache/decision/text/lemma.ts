const IRREGULAR_VERBS = `be am is are was were been being|have has had having|do does did done|go goes went gone|get got gotten getting|
make made making|take took taken taking|come came coming|see saw seen|know knew known|give gave given giving|find found|
think thought|tell told|become became becoming|leave left leaving|feel felt|put putting|bring brought|begin began begun beginning|
keep kept|hold held|write wrote written writing|stand stood|hear heard|let letting|mean meant|set setting|meet met|
run ran running|pay paid|sit sat sitting|speak spoke spoken|lead led|read|grow grew grown|lose lost losing|fall fell fallen|
send sent|build built|understand understood|draw drew drawn|break broke broken|spend spent|cut cutting|rise rose risen rising|
drive drove driven driving|buy bought|wear wore worn|choose chose chosen choosing|eat ate eaten|sell sold|win won winning|
catch caught|teach taught|fly flew flown|sleep slept|lend lent|steal stole stolen|throw threw thrown|
forget forgot forgotten forgetting|ride rode ridden riding|shut shutting|hit hitting|hurt|cost|swim swam swum swimming|drink drank drunk|
sing sang sung|ring rang rung|show shown|hide hid hidden hiding|bite bit bitten biting|freeze froze frozen freezing|wake woke woken waking|
shake shook shaken|fight fought|seek sought|deal dealt|burn burnt|learn learnt|dream dreamt|feed fed|bleed bled|stick stuck|
bend bent|lay laid|lie lay lain lying|die died dying|tie tied tying|quit quitting|beat beaten|blow blew blown|hang hung|light lit|
shoot shot|sink sank sunk|spread|tear tore torn|strike struck|swear swore sworn|withdraw withdrew withdrawn|undo undid undone|
overcome overcame|forgive forgave forgiven|forbid forbade forbidden|bind bound|dig dug digging|wind wound|weave wove woven`
const IRREGULAR_OTHERS = `child children|man men|woman women|person people|foot feet|tooth teeth|mouse mice|goose geese|life lives|
wife wives|knife knives|leaf leaves|half halves|shelf shelves|wolf wolves|thief thieves|datum data|medium media|analysis analyses|
criterion criteria|index indices indexes|matrix matrices|good better best|bad worse worst|kid kids|centre center|colour color|
kilometre kilometer kilometres kilometers km|metre meter metres meters|litre liter litres liters|programme program programmes|
cheque check cheques|licence license licences|grey gray|tyre tire tyres|neighbour neighbor neighbours|favourite favorite|
organise organize organised organized organising organizing|cancel cancelled cancelling canceled canceling|
travel travelled travelling|mom mum mother moms mums|dad father dads|maths math|film films movie movies|flat flats apartment apartments|
email e-mail emails mail mails|television tv tvs|telephone phone phones|photograph photo photos|bike bikes bicycle bicycles|
advertisement ad ads advert|gram grams gramme grammes|hour hours hr hrs|minute minutes min mins|okay ok|bus buses|photo photos|inquiry enquiry enquiries inquiries`

const IRREGULAR = new Map<string, string>()
for (const line of `${IRREGULAR_VERBS}|${IRREGULAR_OTHERS}`.replaceAll('\n', '').split('|')) {
  const [base = '', ...forms] = line.split(' ')
  for (const form of forms) IRREGULAR.set(form, base)
}
const KEPT = new Set(
  `this his its was has does us yes thus plus less unless always perhaps news bus gas class business process address access
always series species lens physics news sometimes besides as is os ios ios aws css js dns https sms gps pls whereas across
need speed feed seed bed red hundred indeed exceed proceed embed ted thing something anything nothing everything king ring
string bring during morning evening sing spring wing ceiling sibling bring wedding being ping`.split(/\s+/),
)
const VOWEL = /[aeiouy]/
const DOUBLED = /([b-df-hj-np-rtv-y])\1$/

/**
 * A light base form: plurals, -ed, -ing, irregular verbs and spellings of one word. It is often no word at all; it only
 * has to be the same for the forms of one word, so a final e is dropped where a stem would need one.
 */
export function lemmaOf(word: string): string {
  const irregular = IRREGULAR.get(word)
  if (irregular) return dropE(irregular)
  if (word.length < 4 || KEPT.has(word)) return word
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`
  if (/(?:ch|sh|ss|x|zz)es$/.test(word)) return word.slice(0, -2)
  if (word.endsWith('s') && !/(?:ss|us|is)$/.test(word)) return lemmaOf(word.slice(0, -1))
  if (word.endsWith('ied') && word.length > 4) return `${word.slice(0, -3)}y`
  if (word.endsWith('ing') && word.length > 5 && VOWEL.test(word.slice(0, -3))) return stem(word.slice(0, -3))
  if (word.endsWith('ed') && VOWEL.test(word.slice(0, -2))) return stem(word.slice(0, -2))
  return dropE(word.replace(/is(e|ation)$/, 'iz$1'))
}

function stem(bare: string): string {
  if (DOUBLED.test(bare) && bare.length > 3) return bare.slice(0, -1)
  // Short stems keep their e, because there it tells words apart (hop, hope).
  if (/^[^aeiou]{0,2}[aeiou][^aeiouwxy]$/.test(bare) && bare.length < 4) return `${bare}e`
  return bare.replace(/is$/, 'iz')
}

function dropE(word: string): string {
  return word.length > 4 && word.endsWith('e') && !word.endsWith('ee') ? word.slice(0, -1) : word
}

// Made by scripts/calibration/build-lexicons.py; see NOTICE beside this file. word: its opposites (each pair once).
export default `abaxial adaxial
abbreviated elaborate
abduct adduct
ability inability
able unable
abnormal normal
abnormality normality
abolish establish established found founding launch launching
aboral oral
above below beneath
aboveboard dishonestly
abridged elaborate unabridged
absence presence
absent present
absolute comparative relative
absolve blame blamed fault
absolved blame
absorb emit emitted emitting
absorbed emit
absorbing emit
abstain consume consuming ha had have ingest take taken taking took
abstemious gluttonous
abstinent drinker
abstract concrete
abstractly concretely
abundance scarcity
abundant scarce
accede dissent
accelerate decelerate retard retarded slow slowing
accelerated decelerate
acceleration deceleration retardation slowing
accentual quantitative syllabic
accept decline refuse reject rejected
acceptability unacceptability
acceptable unacceptable
acceptably unacceptably
acceptance rejection
accepted refuse reject
accepting refuse reject
acceptive rejective
accessibility inaccessibility
accessible inaccessible
accidentally deliberately intentionally
acclaim boo
accommodating unaccommodating
accompanied unaccompanied
accord disagreement
accordant discordant
accurate inaccurate
accurately inaccurately
accustomed unaccustomed
achiever failure loser
achromatic chromatic
acidic alkaline
acidity alkalinity
acknowledge deny
acknowledged deny unacknowledged
acquaintance alien stranger unknown
acquiesce dissent
acquire lose lost
acquired lose
acquiring lose
acquitted convict
act forbear refrain
actable unactable
acting refrain
action inaction inactivity
activate deactivate inactivate
activation inactivation
active dormant extinct inactive passive quiet
actively passively
activity inaction inactivity
acts refrain
actual possible potential
acute chronic obtuse
acutely chronically
adaptive maladaptive
add deduct subtract
addictive nonaddictive
addition deduction subtraction
additive nonlinear subtractive
addressed unaddressed
adequacy inadequacy
adequate inadequate unequal
adequately inadequately
adiabatic diabatic
adjective essential substantive
adjust skew
adjusted maladjusted skew unadjusted
admissibility inadmissibility
admissible inadmissible
admit deny exclude refuse reject rejected shut shutting
admitted deny exclude reject
admitting deny exclude reject
adnate connate
adopted native
adoptive biological native
adroit maladroit
adroitly maladroitly
adult juvenile
adulterating purifying
advance back backed backing recede receding retire retired retiring retreat retreated withdraw withdrawn withdrew
advanced back withdraw
advancement retreat
advancing back withdraw
advantage disadvantage disadvantaged disfavor penalty
advantageous disadvantageous
advantageously disadvantageously
advisable inadvisable
aerobic anaerobic
aesthetic inaesthetic
affected unaffected unmoved
afferent efferent
affirm negate
affirmation reversal
affirmative negative
affirmed negate
affixed loose
afghanistan pakistan
afloat aground
afraid fearless
africa asia
aft fore forester forward
aged young youth
aggravated better
aggravating better
agitate calm calming lull quiet still tranquilize
agitated calm
agitating calm
agitation calmness
agnostic gnostic
agonist antagonist
agree differ disagree dissent dissenting
agreeable disagreeable
agreeably disagreeably unpleasantly
agreed disagree
agreement disagreement dissension dissonance
ahead back backward
alas fortunately
alcoholic nonalcoholic
alfresco inside
algorithmic heuristic
alien citizen
align skew skewed
aligned skew
aligning skew
alignment nonalignment
alike dissimilar unalike
aliquant aliquot
alive dead
all no partially some
allopathic homeopathic
allopathy homeopathy
allow deny forbid prevent refuse
ally enemy fo
aloud softly
alphabetic analphabetic
alterable unalterable
altered unaltered unchanged
alternate opposite paired
alternating direct
altogether partially
always never
am differ
amateur pro professional
amateurishly expertly
ambiguous unambiguous unequivocal
ambiguously unambiguously
ambitious unambitious
ambitiously unambitiously
amicable hostile
amiss perfectly
amphibious aquatic terrestrial
ample meager stingy
amply meagerly sparingly
anabolism catabolism
anal oral
analog digital
analogous heterologous homologous
analogue digital
analysis synthesis
analytic synthetic
analytical synthetic
analyze synthesize
analyzed synthesize unanalyzed
ancestor descendant descendants descendent
anestrous estrous
anestrus estrus
anglican nonconformist
anglophilia anglophobia
angular rounded
animate deaden inanimate
animated deaden
animating deaden
anisotropic isotropic
annual biennial perennial
annul validate
annulled validate
anode cathode
anonymous onymous
answer inquiry interrogation query question
antagonistic conciliatory interactive synergistic
antecedent descendant subsequent
antemortem postmortem
anterior posterior
anti pro
anticholinergic cholinergic
anticlimactic climactic
antimagnetic magnetic
antiseptic infected septic
antitype type
antonym synonym
antrorse retrorse
anybody nobody
aperiodic periodic
aplacental placental
apoapsis periapsis
apologetic unapologetic
apparel undress
appeal repel
appealable unappealable
appealing repel unappealing unsympathetic
appealingly unappealingly
appear disappear disappearing vanish vanished vanishing
appearance disappearance disappearing
appearing disappear vanish
appetizing unappetizing
applaud boo hiss hissing
applied exempt theoretical
apply exempt
appointed elective
appointive elective
appreciate depreciate
appreciation depreciation
approachable unapproachable
appropriate inappropriate
appropriately inappropriately
appropriateness inappropriateness
approval disapproval
approve disapprove disapproving reject rejected
approved disapprove
approving disapproval disapprove
approvingly disapprovingly
apropos malapropos
aptness inaptness
aquatic terrestrial
aqueous igneous
are differ
arenaceous argillaceous
argentina brazil chile germany mexico spain
arise descend lay li lie lied lying sat sit sitting
arisen descend
arm disarm
armament disarmament
armed armless disarm unarmed
arming disarm disarmament
armored unarmored
arms disarm
arose descend
arouse sedate
aroused sedate
arrange disarrange
arranged disarranged
arrive leave leaved leaving left
artful artless ingenuous
articulate inarticulate
articulately inarticulately
artificial natural
artificially naturally
artless disingenuous
ascend descend descending fall fallen falling falls fell set
ascendant descendant
ascending descend descending set
ascension fall
ascent declension declination decline descent fall falls
asexual sexual
ashamed unashamed
asleep awake
assail defend
assemblage dismantling
assemble dismantled dismantling
assembly dismantling
assent dissent dissenting
asserting interrogative
assertive unassertive
assertively unassertively
asset liabilities liability
assets liability
assigned unassigned
assimilate dissimilate
associate dissociate
association disassociation
assure worry
assured worry
astern fore
asymmetric symmetrical
asymmetrical symmetric symmetrical
asymmetrically symmetrically
asymmetry symmetry
atheism theism
atomic conventional
atomistic holistic
atonal tonal
atonic tonic
atrophied enlarged hypertrophied
attach detach detached
attachable detachable
attached detach detached unattached uncommitted
attack defend defending
attacking defend
attend miss missed missing
attended miss unaccompanied
attending miss
attention inattention
attentive heedless inattentive
attract drive driven driving drove repel repelled repelling
attraction repulsion
attractive repulsive unattractive
attractively unattractively
attractiveness unattractiveness
attributive predicative
atypical typical
atypically typically
audible inaudible
audibly inaudibly
augmentation diminution
aunt uncle
aurora sunset
auspicious inauspicious unfortunate
auspiciously inauspiciously
australia austria spain
austria germany italy spain sweden
authorised unauthorized
authorized unauthorised unauthorized
autoecious heteroecious
autologous heterologous homologous
automatic manual
autumnal summery vernal wintry
availability unavailability
available unavailable
avenged unavenged
avoid confront face faced facing validate
avow disavow
avowed disavow
awakened unawakened
aware unaware
away home
awful nice
awkward graceful
awkwardness gracefulness
awned awnless
azonal zonal
b differ
back face faced facing forward forwards front look looking veer veering
backed backless front veer
background foreground highlight spotlight
backhand forehand
backhanded forehand
backing front veer
backward forward
backwards forward
bad best better good goodness
badly best better well
badness good goodness
balance imbalance instability unbalance unbalanced
balanced unbalance unbalanced
balancing unbalance
banded unbanded
bank distrust withdraw
banking distrust withdraw
banks distrust withdraw
baptized unbaptized
bar covered sheathed
bare covered sheathed
basic incident incidental
be differ
bear bull
bearing nonbearing
beautiful ugly
beauty ugliness
bedded bedless
been differ
began end
begin cease end ended ending finish finished finishing stop stopped stopping stops terminate terminated
beginning conclusion end ending finish finishing middle
begun end
behave misbehave misconduct
being differ
belgium france germany italy luxembourg netherlands spain sweden
belief disbelief
believable incredible
believably unbelievably
believe disbelieve discredit discredited
believing disbelieve
belittle flatter
belittling flatter
below upstairs
belt unbelt
belted unbelted
bend straighten unbend unbending
bended straighten unbend
bending straighten unbend
bends straighten unbend
beneficent maleficent
benevolence malevolence
benevolently malevolently
benign malign malignant
benignity malignity
bent straighten unbend
beseeching imperative
best evil ill worst
better decline evil exasperate exasperated exasperating ill worse worsened worsening
bicameral unicameral
biennial perennial
big little small
bigger small
biggest small
binaural monaural
binaurally monaurally
bind unbind unbound untie
binding unbind untie
binucleate mononuclear trinucleate
biped quadruped
bipedal quadrupedal
birth death decease demise dying expiry
bisexual heterosexual homosexual
bivalent multivalent univalent
bivalve univalve
black red white whiten whiteness
blacken white whiten whitened whiteness whitening whiting
blackened whiten
blackening whiten
blackness white
blame free freeing justified justify
blemished unblemished
bless curse cursed damn damned damning desecrate
blessed curse cursed desecrate
blessing curse desecrate disapproval
blew conserve
blind sighted
blithely unhappily
block free remember unblock
blocked free remember unblock
blocking free remember unblock
blond brunet brunette
blonde brunet
bloodiest bloodless
bloodless bloody
blow conserve
blowing conserve
blown conserve
blue green red white yellow
blunt sharpen
blunted sharpen
bluntness sharpness
blur focus focused focusing focussed sharpen sharpened
blurred focus
boil freeze freezing froze frozen
boiled freeze
boiling freeze
bold timid
boldness timidity
bolt unbolt
bomb pass
bombing pass
boneless bony
boo clap clapped clapping spat
bore interest interested interesting
bored interest
boring interest
born unborn
borrow lend lending lent loan
borrower lender
borrowing lend
botany fauna
bottom side top tops
bottomed bottomless
bought sell sold
bounce clear cleared clearing
bouncing clear
bound free freer freest unbind unbound untie
bowed plucked
box unbox
boy daughter girl
brace sedate
braced sedate
braces sedate
brachycephalic dolichocephalic
bracing sedate
braid unbraid
brainwashed unbrainwashed
branded unbranded
brave cautious cowardly fearful timid
braver cowardly
bravery cowardice fear
brazil france germany japan mexico spain
breach observe
break bushel doctor fix fixed fixing fixings keep made mak make making mend mending observe promote repair restore
breakable unbreakable
breaking make observe promote repair
breathing breathless
brethren sister
bridgeable unbridgeable
bridle unbridled
bright dimmed dull
brighten darken darkened darkening overcast
brightness dullness
britain germany italy norway russia
broad narrow
broaden specialize
broadening narrowing specialize
broadly narrowly
broke make observe promote repair
broken kept make observe promote repair unbroken
brother sister
brotherly sisterly
buckle unbuckle
bulgaria romania
bulging concave
bulk minority
bump promote
bumpy smooth
burden unburden unburdened
burdened unburden unburdened
buried remember
bury remember
burying remember
busiest idle
bust repair
busted repair
busy idle idler
button unbutton unbuttoned
buttoned unbutton unbuttoned unfastened
buy sell selling sold
buying sell selling
cacophonous euphonious
caducous persistent
calcify decalcify
calculable incalculable
calm charge charged excite excited exciting rouse rousing stimulate stormy
calming stimulate
came go leave
can hire
canada italy norway spain
cancelled on
candor unfairness
canned hire
canning hire
capability incapability
capable incapable
capacity incapacity
capital lowercase minuscule
capitalism socialism
capitalist socialistic
capitalistic socialist socialistic
cardinal ordinal
careful careless
carefully carelessly
carefulness carelessness
carelessly cautiously
carinate ratite
carnivorous herbivorous insectivorous omnivorous
carpeted uncarpeted
cash credit credits
castrated uncastrated
categorematic syncategorematic
caudal cephalic
cauline radical
cautious incautious
cease continue
ceilinged floored
celebrity infamy
cellular noncellular
cenogenesis palingenesis
censored uncensored
center left right
central peripheral
centralized decentralized
centrifugal centripetal
cerebral emotional
ceremoniously unceremoniously
certain uncertain unsealed unsure
certainty doubt uncertainty
chang stay
change remain remaining remains rest rested stay stays
changeable immutable unchangeable
changed stay unchanged
changing stay
characteristic uncharacteristic
characteristically uncharacteristically
charge discharge discharged
charged discharge uncharged
charitable uncharitable
chaste unchaste
cheap expensive
cheaply expensively
check disagree
checked disagree
cheer complain complaining disheartened disheartening kick kicking plain
cheerful cheerless depressing
cheerfully cheerlessly
cheerfulness cheerlessness uncheerfulness
cheering complain
child mother parent
children mother parent
chile mexico
chill heat
chilling heat
china india japan
choke unclog
choked unclog
choking unclog
chromatic diatonic neutral
circular square
cismontane tramontane
citizen foreigner
civil rude sidereal uncivil
civilian man men military serviceman servicemen
civilly uncivilly
clad undress
claim disclaim foregoing foregone forfeit forfeited forgo waive
clarity obscurity opacity
clasp unbuckle
classical nonclassical
classicism romanticism
classify declassified
clean contaminating dirty grim grime impure soil soiled soiling unclean unfairly
cleaner dirty unclean
cleaning dirty
cleanliness uncleanliness
clear cloudy convict opaque overcast unclear
cleared convict overcast uncleared
clearing convict overcast
clearness unclearness
clement inclement
clergy laity
clergyman layman secular
clergymen layman
climb descent
clockwise counterclockwise
clog unclog
clogged unclog
clogging unclog
close distant far open opened opening remote
closed open opened
closeness nakedness openness
closer distant far
closest distant far
closing open opening
clothe undress
clothed unclothed undress
clothes undress
clothing undress
coarse fin fine finer
coarsely finely
coastal inland
coated uncoated
cognizant unaware
coherence incoherence
coherent incoherent
coherently incoherently
coiled straight
cold hot hotness hotter
coldness heat hotness
collateral direct lineal
collect spread
collected spread uncollected
collecting spread
collective distributive
colombia venezuela
colored uncolored
colorful colorless
combed uncombed
come depart departed go going gone leave went
comedy tragedy
comfort discomfort
comfortable uncomfortable
comfortably uncomfortably
comforts discomfort
comfy uncomfortable
coming go leave
commence end
commencement end finish middle
commendation disapproval
commensurate incommensurate
commissioned noncommissioned
commit divest
committed divest unattached uncommitted
committing divest
commodious incommodious
common individual single uncommon
commoner individual uncommon
commonly unusually
commonness uncommonness
communicate curse cursed
communicative uncommunicative
commutable incommutable
compact decompress loose
comparable incomparable
comparably incomparably
compassionate uncompassionate
compatibility incompatibility
compatible incompatible
compensate wrong
compensated wrong
competence incompetence
competency incompetence
competent incompetent unqualified
competently incompetently
competition cooperation
competitive noncompetitive
competitively noncompetitively
complaining uncomplaining
complainingly uncomplainingly
complete incomplete
completely partially
completeness incompleteness rawness
complex simple simpler simplest
complexity simplicity
compliance disobedience
compliant defiant
complicate simplified simplify
complicated simplify
complimentary uncomplimentary
composed discomposed
composure discomposure
compound simple simpler simplest
comprehensibility incomprehensibility
comprehensible incomprehensible
comprehension incomprehension
compress decompress
compressed decompress
compressibility incompressibility
compressible incompressible
compressing decompress
compromising inflexible sturdy uncompromising
con pro
concave convex
concavely convexly
conceal show
concealed show unconcealed
concealing revealing show
conceit humbleness humility
concentrated distributed soft
concentration dilution dispersion distribution
concentric eccentric
concept misconception
conception misconception
concern unconcern
concerned unconcerned
conciliatory uncompromising
concise prolix
conclusive inconclusive
conclusively inconclusively
concord disagree
conditional unconditional
conditionally unconditionally
conditioned innate unconditioned unlearned
conductor insulator
confidence diffidence
confident diffident shy timid unsure
confine free freeing liberate liberated loose release releasing
confined free invasive unconfined
confines free
confining free
confirm contradict negate
confirmed negate unconfirmed
confirming negate negative
conform depart departed deviate diverge varied vary varying
conformation disobedience
conforming deviate
conformist nonconformist
conformity disobedience nonconformity
congenial incompatible uncongenial
congested unclog
congruity incongruity
congruous incongruous
conjunct disjunct
conjunctive disjunctive
connect disconnect disconnected unplug
connected disconnect unconnected unplug
conquerable unconquerable
conscious unconscious
consciously unconsciously
consciousness unconsciousness
consecrate desecrate desecrated
consecrated desecrate desecrated
consent refuse
consenting refuse
conservative liberal progressive
conserve squander squandered squandering waste wasted wasting
conserved waste
conserves waste
considerable inconsiderable
considerate inconsiderate
considerately inconsiderately
consideration thoughtlessness
consistency inconsistency
consistent incoherent inconsistent
consistently inconsistently
consonant vowel
consonantal vocalic
conspicuous inconspicuous invisible
conspicuously inconspicuously
constant inconstant
constipated regular
constitutional unconstitutional
constitutionally unconstitutionally
constricted unconstricted
construct misconception
constructive destructive
consume refrain
consummated unconsummated
consumptive generative productive
contaminated uncontaminated
contemptible estimable
content discontent discontented
contented discontent discontented
contention cooperation
contentment discontent discontentment
contents discontent
contested uncontested
continental intercontinental
continual sporadic
continuation discontinuation
continue discontinue discontinued quit quits quitting stop stopped stopping stops
continued discontinue discontinued
continuing discontinue
continuity discontinuity
continuous discontinuous
contract elaborate expand stretch widen
contracted elaborate expand expanded stretch widen
contracting elaborate expand stretch widen
contraction enlargement expansion
controlled uncontrolled
convenience inconvenience
conveniences inconvenience
convenient inconvenient
conveniently inconveniently
conventional nuclear unconventional
conventionality unconventionality
conventionally unconventionally
converge diverge
convergence divergence
convergent divergent
converging diverge
convertible inconvertible
convict discharge discharged exonerate
convinced unconvinced
convincing flimsy unconvincing
convincingly unconvincingly
cooked raw
cool heat heated heating warm warmer
cooler warm
cooling heat
cooperation rivalry
cooperative uncooperative
coordinating subordinating
coordination incoordination
cork uncork
corked uncork
corporeal immaterial incorporeal
correct falsify falsifying incorrect wrong
corrected falsify uncorrected wrong
correctly incorrectly wrong wrongly
correctness incorrectness
correspond disagree
corresponding disagree
corrigible incorrigible
corroborate negate
corrupt incorrupt straight
cortex medulla
cosmopolitan endemic provincial
countenance forbid
counterfeit genuine
counterrevolutionary revolutionary
couple uncouple uncoupled
coupled uncouple
coupling uncouple
courage cowardice
courageous cowardly
course unnaturally
courteous discourteous
courtesy discourtesy rudeness
cover expose exposed uncover uncovered
covered uncover
covering uncover
covert open overt
covertly overtly
crate uncrate
creative uncreative
credible incredible unbelievable
credit debit
credited debit
creditor debtor
credits debit
credulous incredulous
credulously incredulously
crescendo decrescendo
critical uncritical
critically uncritically
criticize praise
crooked square straight
crossbred purebred
crossed uncrossed
crosswise lengthwise
crowded uncrowded
crowned uncrowned
crude refined
cry laugh laughing
crying laugh
crystallized uncrystallized
cubic linear planar
cultivated uncultivated
curable incurable
curdle homogenize homogenized
curious incurious
curly straight
current noncurrent
curtained curtainless
curved straight
curving straight
cut elaborate rough uncut
cutting elaborate
damaged undamaged
dampening stimulate
danger safety
dangerous safe safer safest
daring timidity
dark day light lighter lighting
darken lighten lightening
darkened lighten
darkening lighten
darkness light lightness
daughter son
dawn sundown sunset
day night nighttime
daybreak sunset
daylight night
days night
daytime night
dead live living
deaden enlivened invigorate invigorated invigorating liven
deaf hearing
death nativity
debilitating invigorating
decelerate quickening sped speed speeding
deceleration quickening
decency indecency
decent improperly indecent
decently improperly indecently
deciduous evergreen
decipher encode
deciphered encode undeciphered
decision indecision
decisive indecisive
decisively indecisively
decisiveness indecisiveness
declarative interrogative
declared undeclared
declination improvement
decline improvement
decode encode
decompress pressurize tense
decorous indecorous
decrease growth increase increased increasing
decreased increase increased
decreasing increase increasing
dedicated desecrated undedicated
deductive inductive
deep shallow
deepness shallowness
default paid pay paying payment
defeasible indefeasible
defeat triumph victory
defeated undefeated
defence offence offense prosecution
defend prosecute
defendant plaintiff
defending prosecute
defense offence offense prosecution
defensive offensive
defensively offensively
deficiency sufficiency
deficient sufficient
deficit lead
defined undefined vague
definite indefinite
deflate inflate inflated
deflated inflate
deflation inflation
deflationary inflationary
deform unbend
deformed unbend
degenerate recuperate
degeneration development evolution
dehiscent indehiscent
dehydrated hydrate
dejected elated
delay hurried hurry hurrying rush rushed rushing
delayed rush
delete record
deliberately unintentionally
delicate rugged
demagnetize magnetize
demand supply
demanding undemanding
demobilization mobilization
democratic undemocratic
democratically undemocratically
demonstrate disprove
demonstrated disprove
demonstrative undemonstrative
demulsify emulsify
demystify mystify
denial prosecution
denmark finland italy netherlands norway spain sweden
densely thinly
density distribution
deny grant granted
deoxidize oxidize
depart stay stays
departed stay
dependable undependable unreliable
dependent independent main
depigmentation pigmentation
deposit dislodge draw drawing drawn drew withdraw withdrawn withdrew
depress elated intoxicate intoxicated intoxicating uplift uplifted uplifting
depression elation
depressurize pressurize
deprive enrich
deprived enrich
derivational inflectional
descend lift lifted rise risen rising rose uprising
descendant root roots
descending rise
descent raise rise upgrade
descriptive prescriptive
desecrate hallowed sanctified sanctify
deservedly undeservedly
desiccated hydrate
desirable undesirable unwanted
desirous undesirous
despair hop hope
despairing hope
destroyed preserved
destructible indestructible
desynchronization synchronization
desynchronizing synchronizing
detain free rush
detected undetected
deter persuade
deteriorate recuperate
determinable indeterminable
determinate indeterminate
determined undetermined
deterred persuade
deterrence incentive
detested love
developed undeveloped
development nondevelopment
dextral sinistral
diachronic synchronic
diamond outfield
dicotyledonous monocotyledonous
differ equal i were
difference sameness
different like same
differentiate integrate integrated integrating
differentiated integrate undifferentiated uniform
difficult easier easiest easy manageable
difficulty ease easiness simplicity
diffuse hard
diffused hard
digestible indigestible
digital linear
dignified undignified
diligent negligent
dilute undiluted
diluted undiluted
dim focus
diminish increase
diminished increase
diminishing increase
dimmed focus undimmed
dioecious monoecious
diploid haploid polyploid
diplomatic undiplomatic
diplomatically undiplomatically
direct indirect inverse retrograde
directional omnidirectional
directly indirectly
disable enable enabling
disabled enable
disabling enable enabling
disadvantage vantage
disagree fit fitted fitting held hold holding match matched matching tally
disapprove okay sanction sanctioned
disarm fortified fortify gird
disarray order
discernible indiscernible
discharge draft drafting enlist enlisting fill
discharged enlist fill
discipline indiscipline
disclaim take taken taking took
disconnect link linked links ti tie tied tying
disconnected legato
discontinue keep keeping kept preserve preserved preserves proceed proceeding proceedings proceeds upheld uphold
discord match
discourage encourage encouraged encouraging
discouraged encourage
discouragement encouragement
discouraging encourage encouraging
discouragingly encouragingly
discredit repute
discreet indiscreet
discreetly indiscreetly
discriminate indiscriminate
discriminatory unprejudiced
disembark embark ship shipped shipping
disengage engage engaged engaging lock locking mesh meshed obstruct operate operating
disentangle entangle
disequilibrium equilibrium
disgrace honor
disgraced honor
dishonest honest honorable
dishonestly honestly
dishonesty honesty
dishonor honor honored honoring honours reward rewarding
dishonorable honest honorable
dishonorableness honorableness
dishonorably honorably
dishonored honor
disinclination inclination
disinclined dispose inclined
disinfect infect infected tainted
disingenuous ingenuous
disintegrate incorporate incorporated integrate integrated integrating
disjoin join
disjointed join
dislike like liked liking
disliked like liked
dislodge lodge lodging lodgings stick sticking stuck wedge wedged
disloyal loyal patriotic
disloyally loyally
disloyalty loyalty
dismantled raise
dismantling fabrication gathering raise
dismiss hire
dismissed hire
disobedience obedience
disobedient obedient
disobediently obediently
disorder order ordered ordering orderliness
disordered order ordered
disorderliness orderliness
disorderly orderly
disorganized organize organized
disoriented orient
disorienting orient orienting
disparage flatter flattering
disparaging flatter
dispensable indispensable
displace employ employed engage engaged engaging hire hired
displeased please pleased
displeasing please pleasing
dispose disqualify indisposed
disposed disqualify
disproportionate proportionate
disproportionately proportionally proportionately
disprove establish established prove proved proven show showing shown
disqualified qualify
disqualify qualified qualify qualifying
disreputable reputable
disrepute reputation repute
disrespect esteem esteemed honor honored honoring honours observe observed observing prize regard respect respected respects value valued values
disrespectful respectful
disrespectfully respectfully
dissatisfaction satisfaction
dissatisfied satisfy
dissect synthesize
dissected synthesize
disservice service services
dissimilar like similar
dissimilarity similarity
dissonance harmony
dissuade persuade
dissuasion persuasion
dissuasive persuasive
distal mesial proximal
distinct indistinct
distinctness indistinctness
distinguishable indistinguishable
distressed euphoric
distribute gather
distributed gather
distribution tightness
distrust rely swear swore sworn trust trusted trusting
distrustful trustful trusting
distrustfully trustfully
diurnal nocturnal
diverge meet meeting met
diversified specialize undiversified
diversify narrow narrowed narrowing specialize specialized
divest enthrone invest investing place placed put putting vest vested
divide multiplied multiply unified unify unifying unit unite united uniting
divided multiply unite united
divisible indivisible
do undid undo undoing undone unmade
docile obstinate stubborn
dock undock
doctor patient
documented undocumented
domestic foreign undomestic
domestication wildness
dominant recessive subordinate
domineering submissive
dorsal ventral
double single
dove hawk
down up upward upwards
downfall rise
downgrade upgrade
download upload
downplay foreground
downstage upstage
downstairs upstairs
downstream upriver upstream
downtime uptime
downtown uptown
downward up upward
downwards up upwards
downwind leeward upwind
drained undrained
dramatic lyric undramatic
draw push repel
drawing push repel
drawn push repel
dress peel peeled peeling strip striped stripes stripped stripping undress undressed
dressed undress
dressing undress
drew push repel
dried wet
drier sweet wet
drinkable undrinkable
drop recuperate sharpen
dropped recuperate sharpen
dropping recuperate sharpen
drunk sober
drunkenness sobriety
dry lactating phlegmy sweet wet wetted wetting
dryer sweet wet
dryness wetness
due undue
dull lively sharp sharpen sharpened sharper
dulled sharpen
dullness sharpness
dying nascent
dysphemism euphemism
dysphemistic euphemistic
dystopia utopia
dystopian utopian
eager uneager
eared earless
earlier late middle
earliest late middle
early late later latest middle
earned unearned
earnestness frivolity
earthly heavenly
easier hard uneasy
easiest uneasy
east west
easterly westerly
eastern western
easy hard quickly uneasy
eatable inedible
ebb surge surging tide tidings
ebbing tide
economize waste
edible inedible
educated uneducated
effective ineffective ineffectual
effectively ineffectively
effectually ineffectually
effervescent still
efficacious ineffective inefficacious
efficient inefficient
efficiently inefficiently
effortful effortless
effortfulness effortlessness
elaborate reduce reduced reducing shorten shortened shortening
elastic inelastic
elderly young
elegance inelegance
elegant inelegant
elevate lower
elevated lower
eligible ineligible
emigrate immigrate
emotional intellectual unemotional
emotionally unemotionally
empirical theoretical
empirically theoretically
employ unemployment
employed unemployed
employee employer
employment unemployment
emptiness fullness
empty fill filled filling full fuller
emptying fill
enable incapacitate incapacitated
enclosed unenclosed
encumbered unencumbered
end first get getting got gotten kickoff middle offset start starting
endemic epidemic
endergonic exergonic
ending middle
endocentric exocentric
endocrine exocrine
endogenous exogenous
endotoxin exotoxin
endowed unendowed
endure enjoy
enduring enjoy
energetic lethargic
energize sedate
enforce exempt free freeing relieve relieved
enforceable unenforceable
enforced exempt unenforced
engage withdraw withdrawn withdrew
england france germany scotland
enjoy suffer suffering
enlarge reduce
enlarged reduce
enlightened unenlightened
enlightening unenlightening
enlivened unenlivened
enrich impoverished
enter exit leave leaved leaving left quit quits quitting
entering exit
enthusiastic unenthusiastic
enthusiastically unenthusiastically
entirely partially
entozoic epizoic
equal inadequate unequal
equality inequality
equally unequally unevenly
equatorial polar
equipped unequipped unfurnished
equitable inequitable unjust
equitably inequitably
equity inequity unfairness
equivocal unambiguous unequivocal
erase record recorded recording tap tape taped
erect level
erecting level
errancy inerrancy
escalate weaken weakened weakening
esoteric exoteric
essential inessential
established unestablished
estivate hibernate
estonia latvia lithuania
ethical unethical
ethically unethically
eukaryotic prokaryotic
euphoric unhappy
eusporangiate leptosporangiate
evasion payment
even odd uneven
evenly unevenly
eventful uneventful
ever never
evil good goodness
exaggeration understatement
exaugural inaugural
except include
excitable unexcitable
excite stifle
excited stifle unexcited
exciting stifle unexciting
excitingly unexcitingly
exclude include included
exclusion inclusion
exclusive inclusive
excusably inexcusably
exempt implement implemented nonexempt taxable
exhale inhale inspire inspired inspiring
exhausted unexhausted
exhaustible inexhaustible
existence nonexistence
existent nonexistent potential unreal
existing nonexistent
expand shrank shrink shrinking shrunk shrunken
expanded shrink
expansive unexpansive
expected unexpected
expectedness unexpectedness
expedient inexpedient
expenditure income
expensive inexpensive
experience inexperience rawness
experienced inexperienced
expire inhale
expired inhale unexpired
explicable incomprehensible inexplicable
explicit implicit
explicitly implicitly
exploited undeveloped unexploited
explosive nonexplosive
export import importation imported importing
express local
expressed implicit
expressible inexpressible
expressively inexpressively
extant extinct
extended unextended
extension flexion
extensive intensive
extensor flexor
exterior inside interior
external internal
externally internally
extinguish ignite
extinguishable inextinguishable
extinguished ignite
extinguishing ignite
extracellular intracellular
extramural intramural
extraordinariness ordinariness
extraordinary ordinary
extraterritorial territorial
extraversion introversion
extrinsic intrinsic
extroversive introversive
extroverted introspective
extrusive intrusive
eyed eyeless
faced faceless
faceted unfaceted
facultative obligate
fag refresh
fagged refresh
fail manage pass passing succeed succeeding win winning won
failing pass passing qualifying succeed
failure success winner
fair foul unfair unfairly unjust
fairly unfairly unreasonably
fairness inequity unfairness
faithful unfaithful
faithfulness infidelity unfaithfulness
fall increase rise rising
fallen increase rise
fallibility infallibility
fallible infallible
falling increase rise rising
falls increase rise
false true
falsehood truth
falsify rectified rectify right
falsity truth
fame infamy
familiar strange stranger unfamiliar unusual
familiarity strangeness
famished feed
fancy plain
far near nearer nearest nigh
farsighted myopic nearsighted shortsighted
fashionable unfashionable
fashionably unfashionably
fast slow slower
fasten unfasten unfastened
fastened unbuttoned unfasten unfastened untied
fastening unfasten
faster slow slower
fastest slow
fastidious unfastidious
fat lean leaner nonfat thin thinner
fatal nonfatal
father mother
fatigue refresh
fatigued refresh
fatigues refresh
fatness leanness thinness
fatty nonfat
fault merit
fauna flora vegetation
favorable unfavorable
favorably unfavorably
fearfully fearlessly
feathered unfeathered
feature miss
featured miss
february january
federal unitary
feed starved starving
feelingly unfeelingly
feet head
felicitous infelicitous
felicitously infelicitously
fell increase rise
female male
femaleness maleness
feminine masculine neuter
femininity masculinity
fertile infertile sterile
fertility infertility sterility
few many
fewer many more
fewest many most
fictional nonfictional
fidelity infidelity unfaithfulness
figurative literal
figuratively literally
figure ground grounds
filial maternal parental paternal
filled unfilled
find lose lost
finding lose
findings lose
fine harsh
finish start
finished unfinished
finite infinite
finitely infinitely
finland france germany italy japan netherlands norway spain sweden
fir hire
fire hire
fired hire
firing hire
first last middle second
fissionable nonfissionable
fit unfit
fitness softness unfitness
fittest unfit
fix unfasten
fixed unfasten unfixed
fixedness looseness
fixing unfasten
fixings unfasten
flat indirectly natural sharp sharper
flatten sharpen sharpened
flattened sharpen
flatter natural sharp
flattering unflattering
fledged immature unfledged
flex straighten unbend unbending
flexibility rigidity
flexible inflexible uncompromising
flexibly inflexibly
float sank settle settled settling sink sinking sunk sunken
floating sink
flowering flowerless
focus slur slurred slurring
focused unfocused
focussed unfocused
fold open opened opening spread spreading unfold unfolding
folding open unfold
follies wisdom
follow lead leaded leading led precede preceding predate
follower leader leaders
followers leader
following leading precede predate
folly wisdom
foolish wise wiser
foolishly wisely
foolishness wisdom
foot head
footed footless
forbade permit
forbearance impatience
forbid let letting permit permitted permitting
forbidden permit
forbidding permit
force pull push
forced pull push
forceful forceless
foreign native
forget mind minded recall recollect remember remembering retrieve think thinking thought
forgetful mindful retentive
forgetting mind remember
forgiving unforgiving
forgivingly unforgivingly
forgot mind remember
forgotten mind remember
formal informal
formally informally
formed unformed
former latter
forte piano soft softly
fortified weaken
fortify weaken
fortunate unfortunate
fortunately unfortunately
forward reverse
foul unclog
fouled unclog
found lose lost
fraction multiply
fractional whole
fragrant malodorous
frail robust
framed unframed
france germany greece italy japan netherlands norway portugal russia spain sweden
fraternal identical sisterly
free freeze impede impeded impeding jam james jammed jamming lodge obstruct obstructed
freeing freeze lodge obstruct
freelance salaried
freelancer salaried
freeze release releasing unblock unfrozen
freezing unblock
frequent infrequent
frequently infrequently rarely seldom
fresh preserved salty stale
freshen tire
freshness staleness
freshwater seawater
fretted unfretted
friday saturday
friend stranger
friendlier hostile unfriendly
friendliness unfriendliness
friendly hostile unfriendly
frivolity seriousness sincerity
frivolous serious
front rear
froze unblock
frozen unblock unfrozen
fruitful unfruitful
full thin thinner
fuller thin
function malfunction malfunctioning
functional nonfunctional organic
functioning malfunction malfunctioning
funded unfunded
furnished unfurnished
furrowed unfurrowed
future past present
gabled hipped
gain lose loss losses lost recede receding red reduce reduced reducing slim slimed thin thinned thinning
garb undress
garment undress
gaseous liquid solid
gather spread spreading
gathered spread
gathering spread
gave take
geared ungeared
general local particular specific
generalist specialist
generality particularity
generalized specify
generally narrowly specifically
generosity stinginess
generous stingy ungenerous
geocentric heliocentric
geographic magnetic
geographical magnetic
geometrically linearly
germany greece ireland italy japan netherlands norway poland russia spain sweden switzerland turkey
germfree germy
get leave
getting leave
girl son
give take taken taking took
given take
giving take
glad sad sadder
glazed unglazed
glorious inglorious
go malfunction stop
going malfunction stop
gone malfunction stop
good ill worse worst
got leave
gotten leave
gracefully gracelessly
gracious ungracious
gradual steep steeper sudden
grammatical ungrammatical
grammatically ungrammatically
grateful thankless ungrateful
gratitude ingratitude
gravity levity
greater lesser
greece italy portugal spain sweden
green mature red rip ripe
gregarious ungregarious
groomed ungroomed
gross net
grownup juvenile
grudgingly ungrudgingly
guided unguided
guilt innocence
guilty innocent
gutless gutsy plucky
ha miss refuse
had miss refuse
haired hairless
hairless hairy
half whole
halt start
halting start
handed handless
handled handleless
haploid polyploid
happier unhappy
happiest unhappy
happily sadly unhappily
happiness sadness unhappiness
happy unhappy
hard lightly soft voiced
hardball softball
harden soften softened softening
hardened soft soften
hardening soften
hardness softness
hardware package software
harmful harmless
harmfully harmlessly
harmonic nonharmonic
harmonious inharmonious
harness unharness
hasten linger
hat love
hate love loved loving
hated love
hateful lovable
hatless hatted
hatred love
have lack lacking miss missed missing refuse
head rear tail tails
headed headless unheaded
health illness sickness
healthful unhealthful unsanitary
healthier unhealthy
healthy unhealthy
heartless softhearted
heaven hell inferno perdition pit
heavens hell
heavier light
heaviest light
heavily lightly
heaviness lightness
heavy light lighter
heedful heedless
heedless thoughtful
helpful unhelpful
helpfully unhelpfully
herbivorous insectivorous omnivorous
here there
hereafter past
heresy orthodoxy
hesitantly unhesitatingly
heterogeneity homogeneity
heterogeneous homogeneous
heterologous homologous
heterosexual homosexual
heterozygous homozygous
hid show
hidden show
hide show showing shown
hiding show
high low lower lowest
higher low
highland lowland lowlands
highlander lowland
highlands lowland
highness lowness
hipless hipped
hire sack sacked sacking terminate terminated
hit miss missed missing
hitting miss
hold release releasing relinquish relinquished relinquishing
holiest unholy
holiness unholiness
hollow solid
holy unholy
honor sham shame shamed
hopeful hopeless
hopefully hopelessly
hopefulness hopelessness
horizontal inclined perpendicular vertical
horned hornless
hospitable inhospitable
hospitably inhospitably
hospitality inhospitality
host parasite
hotfoot linger
human nonhuman
humane inhumane
humanely inhumanely
humble proud
humbleness pride
humility pride vanity
humorless humorous
humorlessly humorously
hungary poland romania
hungry thirsty
hurried unhurried
hurriedly unhurriedly
husband waste wife
hydric mesic xeric
hygienically unhygienically
hyperopia myopia
hyperparathyroidism hypoparathyroidism
hypertension hypotension
hyperthermia hypothermia
hyperthyroidism hypothyroidism
hypertonic hypotonic isotonic
hypotonic isotonic
iceland norway
idle ran run running work working workings works wrought
idling run work
igneous sedimentary
ignite quench quenched
ignoble noble
ignore knew know knowing known mark marked marking marks not note noted notice noticed
ignored know notice
ill well
illegal legal
illegality legality
illegally lawfully legitimately
illegible legible
illegibly legibly
illegitimate legitimate
illegitimately legitimately
illicit licit
illiteracy literacy
illiterate literate
illogical logical
illogically logically
imaginatively unimaginatively
imbalance symmetry
immaterial material
immature mature old ripe
immaturely maturely
immaturity maturity
immeasurable measurable
immeasurably measurably
immediate mediate
immobile mobile
immobility mobility
immobilize unblock
immoderate moderate
immoderately moderately
immoderation moderation
immodest modest
immodestly modestly
immoral moral
immorality morality
immorally morally
immortal mortal
immortality mortality
immunity susceptibility
immunocompetent immunodeficient
immutable mutable
impaired unimpaired
impalpable palpable
impartial partial prejudiced
impartiality partiality
impatience patience
impatient patient
impatiently patiently
impenetrable penetrable
impenitent penitent
imperative pleading
imperceptible perceptible
imperceptibly noticeably
imperfect perfect
imperfection perfection
imperfectly perfectly
imperishable perishable
impermanence permanence
impermanent lasting permanent
impermeable permeable
impermissible permissible
impermissibly permissibly
impersonal personal
impersonally personally
impervious pervious
impiety piety
impious pious
implausible plausible
impolite polite
impolitely politely
impoliteness politeness
impolitic politic
imponderable ponderable
important insignificant unimportant
impossibility possibility
impossible possible
impossibly possibly
impotence potency power
impotent potent stiff strong virile
impractical practical
impracticality practicality
imprecise precise
imprecisely precisely
impressionable unimpressionable
impressive unimpressive
impressively unimpressively
improbability probability
improbable likely probable
improper proper
improperly properly right
impropriety propriety
improved unimproved
improvidence providence
improvident provident
improvidently providently
imprudent prudent
imprudently prudently
impure pure purer purest
impurity purity
inability power
inactive operational
inadequacy sufficiency
inappropriately suitably
inboard outboard
inclined perpendicular vertical
include omit omitted omitting
incoherent logical ordered
income outgo outlay spending
incoming outgoing
incorrect right
incorrectly right
increase lessen lessened lessening reduction
increased reduced
incredibly probably
independent subordinate
india indonesia japan
indirectly straight
indisposed qualify
indoor outdoor outside
indoors outdoors outside
induced spontaneous
indulgent nonindulgent strict
industrial nonindustrial
inebriated sober
ineptitude worth
infamy renown
inferior superior
inferiority superiority
infernal supernal
infield outfield
inflected uninflected
inflow outflow
influx outflow
informative uninformative
informed uninformed
inhabited uninhabited
inhibited uninhibited
initiate uninitiate
injudiciously judiciously
injured uninjured
injustice justice
inmate outpatient
inner outer
innocuous noxious
inoffensive offensive
inoffensively offensively
inoperable operable
inoperative operative
inopportune opportune
inopportunely opportunely
inorganic organic
inorganically organically
insane sane
insanely sanely
insanity sanity
insectivorous omnivorous
insecure secure untroubled
insecurely securely
insecurity security
insensibility sensibility
insensible sensible sensitive
insensitive sensitive
insensitively sensitively
insensitivity sensitivity
insentient sentient
inseparably separably
inshore offshore seaward
inside outdoors outside outwardly
insignificance significance
insignificant significant
insignificantly significantly
insincere sincere
insincerely sincerely
insincerity sincerity
insoluble soluble
insolvent solvent
inspan outspan
inspiring uninspiring
instability stability
instrumental vocal
insubordinate subordinate
insubordination subordination
insubstantial material real substantial
insufficiency sufficiency
insufficient sufficient
insufficiently sufficiently
insured uninsured
insurmountable surmountable
intangible tangible
integrate segregate
integrated segregate segregated
integrating segregate segregation
integration segregation sequestration
intelligence stupidity
intelligent stupid unintelligent
intelligently unintelligently
intelligible unintelligible
intelligibly unintelligibly
intemperance temperance
intemperate temperate
intended unintended
intense mild
intensifying moderating
intensity softness
intentionally unexpectedly unintentionally
interdepartmental intradepartmental
interest tire tired tiring
interested uninterested
interesting uninteresting
interestingly uninterestingly
interference noninterference
interior outside
intermediate terminal
international national
internationalism nationalism
interstate intrastate
intolerable tolerable
intolerably tolerably
intolerance tolerance
intolerant tolerant
intoxicated sober
intractable tractable
intransitive transitive
intransitively transitively
invalid valid
invalidate validate validated validating
invariable variable
invasive noninvasive
invertebrate vertebrate
inviolable violable
invisibility visibility
invisible visible
invisibly visibly
inviting uninviting
involuntarily voluntarily
involuntary voluntary
involved uninvolved
invulnerable vulnerable
inward outward outwards
inwardly outwardly
inwardness outwardness
inwards outward
ionic nonionic
ionized unionized
iran korea pakistan
ireland spain
ironed unironed wrinkled
irrational rational
irrationally rationally
irreconcilable reconcilable
irreducible reducible
irregular regular
irregularity regularity
irregularly regularly
irrelevance relevance
irrelevant relevant
irremediable remediable
irremovable removable
irreparable reparable
irreplaceable replaceable
irresistible resistible
irresolute resolute
irresponsibility responsibility
irresponsible responsible
irresponsibly responsibly
irreverence reverence
irreverent reverent
irreverently reverently
irreversible reversible
irrevocable revocable
irritate sooth soothe soothing
irritated soothe
irritating soothe
isometric isotonic
issue recall
issuing recall
italy japan netherlands norway poland portugal romania russia spain sweden
jade refresh
jaded refresh
january july
japan korea mexico norway spain sweden
jawed jawless
joint separate
jolly unreasonably
joy sorrow
joyful sorrowful
joyfully joylessly
joyless joyous
judgmental nonjudgmental
juiceless juicy
junior senior
just unfair unjust
justifiably unjustifiably
justly unjustly
keep let lose lost
keeping let lose
kept let lose
keyed keyless
kickoff middle
kid parent
kind unkind
kindly unkindly
kindness unkindness
king queen queens
kip wake
knock praise praising
knocking praise
knot ravel unravel
knotted ravel unravel
knotting ravel unravel
knowable unknowable
knowingly unknowingly unwittingly
known unknown
labeled unlabeled
laced unlaced untied
lady lord noble nobleman noblemen
lamented unlamented
landed landless
large little small smaller
largeness smallness
larger small
largest small
lash unlash
late middle
later middle
latest middle
laugh weep weeping wept
lawful unlawful
lawfully unlawfully
lawfulness unlawfulness
lax tense
lay sit stand
leaded unleaded
leafless leafy
leaky tight
lean rich
leaner rich
least most
leavened unleavened
lee windward
lees windward
leeward windward
left right
legally unlawfully
legato staccato
legged legless
legitimate outlaw
lengthen shorten shortened shortening
lengthened shorten
lengthening shorten
less more
lesser more
let prevent
letting prevent
level raise raised raising rear rearing
leveling raise
levelled raise
levity solemnity
li sit stand
liability plus
licking victory
lidded lidless
lie sat sit sitting stand standing stood
lied sit stand
lift lower
lifted lower
lighted unlighted unlit
lightly thickly
likable unsympathetic
like unlike
likely unlikely
limbed limbless
limited limitless local unlimited
linear nonlinear planar
lined unlined
linger race racing rush rushed rushing sped speed speeding
linguistic nonlinguistic
liquid solid
listed unlisted
little much tall
livable unlivable
live recorded
liveried unliveried
loaded unloaded
loading unloading
loamless loamy
local national
location studio
lock unlock unlocked
locking unlock
long short
longer short
longest short
longness shortness
loose stiffen tight
loosely narrowly
loosen stiffen stiffening
loosened stiffen
looseness tightness
loosening stiffen tightening
lord noblewoman
lose profit profits regain regaining win winning won
loser victor winner
losses winnings
lost profit saved win won
loud piano soft softly
loudly piano quietly softly
loudness softness
loved unloved
lowborn noble
lower raise raised raising
lowercase uppercase
lowered raise raised
lowering raise
lowland upland
loyal unpatriotic
lubricated unlubricated
lucky unlucky
lying sit stand
made unmade
magnetic nonmagnetic
magnification understatement
magnified reduce
major minor
majority minority
majuscule minuscule
malfunction operate operating ran run running went work working workings works wrought
malted unmalted
man woman women womens
manageable unmanageable
manageably unmanageably
manly unmanly
manned unmanned
marked unmarked
married single unmarried
masculine neuter
mask unmask
masked unmask
masking unmask
mated unmated
maternal paternal
mathematical verbal
maxi midi mini
maxima minimum
maximal minimal minimum
maximally minimally
maximize minimize
maximizing minimize
maximum minimal minimum
meaningful meaningless
meatless meaty
medical operative surgical
melodious tuneless unmelodious
melodiously unmelodiously
melted unmelted
men woman women
mental physical
merciful merciless
mercifulness mercilessness
merited unmerited
mesic xeric
metallic nonmetallic
mexico spain
middle offset start
middling unreasonably
midi mini
migratory resident
military unmilitary
mindful mindless unmindful
mined unmined
minus plus
miss strike striking struck
mistrust trust
misused used
mitigated unmitigated
mix segregate
mixed segregate
mixing segregate
moderately unreasonably
modifiable unmodifiable
modulated unmodulated
molar molecular
moneyed moneyless
monism pluralism
monochromatic polychromatic
monoclinic triclinic
monolingual multilingual
mononuclear trinucleate
monotheistic polytheistic
monovalent polyvalent
moonless moonlit
morning sunset
motion motionlessness stillness
move refrain rest stay stays stick sticking stuck
moved refrain rest stay unaffected unmoved untouched
moving refrain rest stay still unmoving
mown uncut unmown
much slight
multidimensional unidimensional
multiform uniform
multilateral unilateral
multiple single
multiply singly
multivalent univalent
mushroom toadstool
musical unmusical
musically unmusically
myelinated unmyelinated
nadir zenith
naive sophisticated
naivete sophistication
narrow wide widen widening wider widest
narrowed widen
narrowing widen widening
nasty nice nicer
native nonnative strange stranger
natural sharp sharper supernatural unnatural unreal
naturally unnaturally
naturalness unnaturalness
nay yea
necessarily unnecessarily
necessary unnecessary unneeded
necessitate obviate
necessity nonessential
negate substantiate support supported supporting sustain sustained
negative neutral positive
nephew niece
netherlands norway poland spain sweden switzerland
neurotic unneurotic
neutral positive
new old older worn
newness oldness
no some yes
nobleman noblewoman
noisily quietly
noisy quiet
nominal real
nominative oblique
nonparticipation participation
nonpartisan partisan
nonpasserine passerine
nonpayment payment
nonphotosynthetic photosynthetic
nonporous porous
nonpregnant pregnant
nonprehensile prehensile
nonprescription prescription
nonprofessional professional
nonproliferation proliferation
nonproprietary proprietary
nonpsychoactive psychoactive
nonracial racial
nonrandom random
nonrepetitive repetitive
nonrepresentational representational
nonresident resident
nonresidential residential
nonretractile retractile
nonreturnable returnable
nonreversible reversible
nonrigid rigid
nonruminant ruminant
nonsectarian sectarian
nonspatial spatial
nonspeaking speaking
nonspecific specific
nonspherical spherical
nonstandard standard
nonsteroidal steroidal
nonsuppurative suppurative
nonsurgical surgical
nonsyllabic syllabic
nontaxable taxable
nontechnical technical
nonterritorial territorial
nonthermal thermal
nontoxic toxic
nontraditional traditional
nonunion union
nonviolent violent
nonviolently violently
nonvolatile volatile
nonwoody woody
normal paranormal unnatural
normally remarkably unusually
north south
northern southern
norway poland spain sweden
noticeable unnoticeable unobtrusive
noticed unnoticed
november october
nullified validate
nullify validate
numerical verbal
objective subjective
objectively subjectively
obligatorily optionally
obligatory optional
oblique parallel perpendicular
obscurity prominence
observe offend offended offending violate violated
obstructed unobstructed
obtrusive unobtrusive
obtrusively unobtrusively
obverse reverse
obvious unobvious
occupied unoccupied
odorless odorous
off on
offending unoffending
offensive savory
official unofficial
officially unofficially
offshore onshore seaward
offstage onstage
oft rarely
often rarely
oiled unoiled
old young younger
older young
oldness youngness
opacity transparency
open shut shutting
opening shutting
opposed unopposed
opposite synonym
optimism pessimism
optimist pessimist
optimistic pessimistic
optimistically pessimistically
ordinarily unusually
organized unorganized
oriented unoriented
original unoriginal
originality unoriginality
orthodox unorthodox
orthodoxy unorthodoxy
ostentatious unostentatious unpretentious
other same
otherworldliness worldliness
out safe safer safest
outer safe
outside within
overestimate underestimate
overgarment undergarment
overhand underarm underhand underhanded
overhead subsurface surface
oviparous ovoviviparous viviparous
ovoviviparous viviparous
owned unowned
pack unpack
packaged unpackaged
packed unpack
packing unpack
paid unpaid
pain pleasure
painful painless
painfully painlessly
painlessly sorely
pains pleasure
paintable unpaintable
painted unpainted
palatability unpalatability
palatable unpalatable
paradigmatic syntagmatic
parallel perpendicular
parallelogram trapezium
paranormal sensory
pardonable unpardonable
part wholly
partially totally whole wholly
particular universal
partly wholly
pass running
passable unpassable
passing running
passionate passionless
past present
pastness presentness
patriotic unpatriotic
patriotically unpatriotically
patronized unpatronized
patterned plain
paved unpaved
peace war
peaceful unpeaceful
pedunculate sessile
penalty reward
penitent unrepentant
perceptive unperceptive
perinatal postnatal prenatal
permanent temporary
permanently temporarily
permissive preventive
permit prevent prohibit prohibited veto
permitted prevent
permitting prevent
perplexed simplify
perplexing simplify
persistent shed
plaintiff suspect
planned unplanned
play tightness
playable unplayable
playful serious sober
pleasant unpleasant
pleasantly unpleasantly
pleasantness unpleasantness
plowed unbroken unplowed
plural singular
pointed pointless
poland spain
polished unpolished
polite uncivil
politely rudely
poor rich
poorly well
popular unpopular
porosity solidity
port starboard
portugal spain sweden
posed unposed
postnatal prenatal
postprandial preprandial
postwar prewar
poverty wealth
power powerlessness
powered unpowered
powerful powerless
powerfulness powerlessness
precede succeed succeeding
preceding succeed succeeding
precocious retarded
predictable unpredictable
prefix suffix
prejudiced unprejudiced
premeditated unpremeditated
preparation resolution
prepared unprepared
presidential unpresidential
pretentious unpretentious
pretentiously unpretentiously
pretty unreasonably
preventable unpreventable
priestly unpriestly
primarily secondarily
primary secondary
principled unprincipled
printable unprintable
private public
privately publicly
privileged underprivileged
proactive retroactive
probable unlikely
procedural substantive
processed unprocessed unrefined
procession retreat
productive unproductive
profane sacred
professional unprofessional
profitable unprofitable
profound superficial
profundity superficiality
progress retreat retrograde withdraw
progression retreat
progressive regressive
promote relegate
pronation supination
pronounceable unpronounceable
propitious unpropitious
prosecute represent represented
prospective retrospective
protected unprotected
proved unproved
proximate ultimate
publicized suppressed
published unpublished
pull push pushing repel
pulling push repel
punished unpunished
punitive rehabilitative
purchase sell
purchasing sell
purposeful purposeless
qualified unqualified
qualify unfit
qualitative quantitative
quantitative syllabic
queen rex
questionable unquestionable
quickly slow slowly
quiet sound unquiet
quit stay
quits stay
quitting stay
quotable unquotable
radiolucent radiopaque
raiment undress
raise razed
rapidly slowly
ravel tangle tangled unravel unravelled unravelling unscramble
ready unready
real unreal
realism unreality
realistic unrealistic
realistically unrealistically
reality unreality
reasonable unreasonable
reasonably unreasonably
reassure vex vexed vexing worried worry worrying
reassured worry
reassuring worrisome worry
recall supply supplying
receptive unreceptive
recognizably unrecognizably
reconstructed unreconstructed
recorded unrecorded
red yellow
redress wrong
refined unrefined
refresh tire tired tiring wear wearied wearing weary wore worn
refreshed tire
refreshing tire
refuse take taken taking took
regenerate unregenerate
registered unregistered
regretful unregretful
regulated unregulated
related unrelated
relatedness unrelatedness
relax stiffen strain strained straining tense tensed
relaxed stiffen tense
relaxing restless stiffen tense
relent stand
reliability unreliability
reliable undependable unreliable
religious secular
renewable unrenewable
repeatable unrepeatable
reportable unreportable
reported unreported
reproducible unreproducible
requested unrequested
resent wish
resentful unresentful
reserved unreserved
resist surrender
resolved unsolved
responsive unresponsive
responsiveness unresponsiveness
rested tired
restful restless uneasy
restrained unrestrained
restricted unrestricted
retail wholesale
retentive short
rewarding unrewarding
rhymed unrhymed
rid walk
ridden walk
ride walk walking
riding walk
right wrong wrongly
righteous unrighteous
righteously unrighteously
righteousness unrighteousness
rightly unjustly
rimless rimmed
ripe unripe
rise set setting
risen set
rising set
rocky smooth
rode walk
roll unwind
rolled unwind
rolling unwind
romania slovakia spain
romantically unromantically
roofed roofless
rose set
rough smooth smoother
roughen smooth
roughness smoothness
round square
rounder square
running standing
rural urban
russia spain
rusticity urbanity
sacred secular
saddled unsaddled
safe unsafe
salable unsalable
salty sweet
same unlike
sanitary unsanitary
saponified unsaponified
sat stand
satisfactorily unsatisfactorily
satisfactoriness unsatisfactoriness
satisfactory unsatisfactory
saturated unsaturated
saturday wednesday
savory unsavory
savoury unsavory
scented scentless
scheduled unscheduled
scientific unscientific
scramble unscramble
scrambled unscramble
screw unscrew
screwing unscrew
scripted unscripted
scrupulous unscrupulous
seal unsealed
sealed uncertain unsealed
seamed seamless
seasonable unseasonable
seasonably unseasonably
seasoned unseasoned
seated standing
secure unfasten unsafe
sedate stimulate stimulated stimulating
seeded unseeded
seedless seedy
selfish unselfish
selfishly unselfishly
selfishness unselfishness
sensible unreasonable
sensibly unreasonably
sent unsent
sentimentally unsentimentally
separate unite
separated unite
separation unification union
serviceable unserviceable
sessile vagile
set uprising
settled unsettled
shaded unshaded
shapely unshapely
sharpen soften softened softening
sharpened soften
sharpness softness
shaven unshaved
sheared unsheared
sheathed unsheathed
short tall
shout whisper whispered whispering
shouted whisper
shouting whisper
shrank stretch
shrink stretch stretched stretching
shrinking stretch
shrunk stretch
shrunken stretch
shut unfastened
shuttered unshuttered
sick well
side top
signed unsigned
significant unimportant
silence sound
similar unlike
sink source swam swim swimming
sit stand standing stood
sitting stand standing
sized unsized
skilled unskilled
skillfulness unskillfulness
sleep wake waking woke
sleepiness sleeplessness wakefulness
sleeping wake waking
sleeved sleeveless
slept wake
slovenia spain
slowly speedily
slug work
slugged work
slumber wake
smart stupid
smilingly unsmilingly
smokeless smoky
smooth staccato
smoother staccato
sociable unsociable
sociably unsociably
social unsocial
soften stand
softened stand
softening stand
softness volume
sold unsold
solved unresolved unsolved
somewhat unreasonably
sonic subsonic supersonic
sound unsound
soundness unsoundness
sour sweet sweeten sweetened sweetening
soured sweeten
spain sweden switzerland
sparkling still
specified unspecified
spineless spinous spiny vertebrate
spirited spiritless
split unite
splitting unite
spoken written
stable unstable
stagnate work
stained unstained
stand yield yielding
standing yield
staple unstaple
starless starry
start stop stopped stopping stops
starting stop
statesmanlike unstatesmanlike
steadily unsteadily
steady unsteady
stemless stemmed
stifle stimulate stimulated stimulating
stifled stimulate
stifling stimulate
stimulate tranquilize
stirred unmoved
stood yield
stop went
stoppable unstoppable
stratified unstratified
strength weakness
strengthen weaken weakened weakening
strengthened weaken
strengthening weaken weakening
stressed unstressed
string unstring
strong weak
strongly weakly
structured unstructured
stuck unstuck
studied unstudied
styleless stylish
stylish unfashionable
subhuman superhuman
subsonic supersonic
substantial unreal
subsurface surface
successful unsuccessful
successfully unsuccessfully
suitably unsuitably
summerize winterize
summery vernal wintry
sunrise sunset
supervised unsupervised
supported unsupported
sur uncertain
sure uncertain unsure
surrender withstand withstood
survive yield yielding
susceptibility unsusceptibility
susceptible unsusceptible
suspect trust
suspected trust unsuspected
sweden switzerland
sweetness unpleasantness
swept unswept
sworn unsworn
sympathetic unappealing unlikable unsympathetic
sympathetically unsympathetically
systematic unsystematic
systematically unsystematically
tactful tactless
tactfully tactlessly
tame untamed wild wilder
tamed wild
tangle unravel
tangled unravel
tanned untanned
tapped untapped
tasteful tasteless
tastefully tastelessly
tastefulness tastelessness
tasteless tasty
tempered untempered
tender tough toughened
tense unbend unbending unwind
terseness verboseness
thankful ungrateful
theatrical untheatrical
thematic unthematic
thermoplastic thermosetting
thick thin thinly thinner
thicken thin thinned thinning
thickened thin
thickening thin
thickly thin thinly
thickness thinness
thoughtful thoughtless
thoughtfully thoughtlessly unthinking
thoughtfulness thoughtlessness
thrifty wasteful
ti untie
tidiness untidiness
tidy untidy
tie untie untied untying
tied unfastened untie untied
timbered untimbered
tipped untipped
toed toeless
tolerable unbearable
toned toneless
tongued tongueless
toothed toothless
topless topped
touched unmoved untouched
traceable untraceable
tracked trackless
trained untrained
translatable untranslatable
traveled untraveled
treated untreated
trimmed uncut untrimmed
troubled untroubled
true untruthful
trustworthiness untrustworthiness
trustworthy untrustworthy
truth untruth
truthful untruthful
truthfully untruthfully
tubed tubeless
tucked untucked
tune untune
turn unbend
turned unbend unturned
turning unbend
twine untwine unwind
twist unbend untwist
twisted unbend
twisting unbend
tying untie
unaffected unnatural
unburden weight weighted
understood ununderstood
undid wrap
undo wrap
undoing wrap
undone wrap
unguiculate ungulate
unroll wind
unusual usual
unusually usually
unusualness usualness
unveil veil veiled
unveiled veil veiled
unveiling veil
unventilated ventilated
unvoiced voiced
unwanted wanted
unwary wary
unwaxed waxed
unweaned weaned
unwearable wearable
unwebbed webbed
unwelcome welcome
unwholesome wholesome
unwieldy wieldy
unwilling willing
unwillingly willingly
unwillingness willingness
unwind wind winded winding wound wrap wrapped wrapping
unwisely wisely
unwitting witting
unwittingly wittingly
unwomanly womanly
unworldly worldly
unworthiness worthiness
unworthy worthy
unwoven woven
unwrap wrap wrapped wrapping
unwrapped wrap wrapped
unwritten written
unyoke yoke
unzip zip zipped zipper
upwind windward
useful useless
usefully uselessly
usefulness uselessness
uselessness utility
validate void
valuable worthless
vegetation zoology
vernal wintry
virtuous wicked
voiced voiceless
wan wax
waning wax waxing
weedless weedy
weightless weighty
wheeled wheelless
winged wingless
wired wireless
worth worthlessness
yang yin`

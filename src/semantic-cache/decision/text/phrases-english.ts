/**
 * What English phrases say, a line for each mark: `facet mark: phrase, phrase`. The longest phrase at a place wins, and
 * `-` as facet makes a phrase say nothing (so that "not only" is no negation).
 */
export const ENGLISH_PHRASES = `
- none: not only, why not, or not, whether or not, do not you, can not wait, no longer than, no more than, not later than, do you know, can you tell me, could you tell me, tell me, i want to know, i would like to know, i need to know, can you explain, could you explain, what is the best way to, please, would you mind, if possible, if you can, is it possible for you to, can you please, could you please, can you help me, could you help me, help me, i need help, can someone, can anyone, does anyone know, does anybody know, any idea, any ideas, thanks in advance, can i ask, may i ask, i wonder, i was wondering, i am wondering, let me know, right now, as well as, kind of, no matter, no idea, number of, if so, of course, as soon as
negation not: not, no, never, without, none, nobody, nothing, neither, nor, nowhere, hardly, cannot, no longer, no one, unable, fail to, fails to, failed to, failing to, lack, lacks, lacking, instead of, rather than, except, except for, other than, refuse, refuses, refused, avoid, prevent, stop from, won not, free of, missing, non
negation notneg: not without, not un
question howmany: how many, number of, count of, what number of
question howmuch: how much, what amount
question howlong: how long, how much time, how many days, how many hours, how many minutes, how many weeks, how many months, how many years, how quickly, how soon, how fast, what length of time, time does it take, duration
question howoften: how often, how frequently, how many times, how regularly
question howold: how old, what age, at what age
question howfar: how far, how high, how tall, how deep, how wide, how big, how large, how heavy, how strong, how hot, how cold, how warm
question why: why, how come, reason, reasons, what causes, what caused, what makes, what made, for what reason, cause of, causes of, what is the cause, what could be causing, what is causing, explanation for, what is behind, due to what
question who: who, whom, which person, which people
question whose: whose
question when: when, what time, which time, what date, which date, which day, what day, on what day, by when, until when, since when, deadline, what year, which year, what month
question where: where, which place, what place, which location, in what place, whereabouts, what location, in which city, which country, what country
question which: which, which one, which of
question how: how, how to, how do, how does, how can, how could, how should, how would, in what way, which way, what way, by what means, ways to, way to, steps to, steps for, method, methods, procedure, instructions, what steps, what should i do, what do i do, what can i do, what do i have to do, what must i do, what to do, what is the way to, tutorial, guide, how is, how are, command for, command to
question what: what, what is, what are, what does, what was
question meaning: what does it mean, mean, meaning, meaning of, definition, define, stand for, stands for, what is meant, definition of, explain, explanation
question difference: difference, differences, difference between, differ, differs, compare, comparison, versus, compared to, compared with, distinguish, which is better, better than
question best: best, recommend, recommendation, recommended, suggest, suggestion, suggestions, top, ideal, optimal
question price: price, prices, cost, costs, fee, fees, charge, rate, rates, how expensive, expensive, cheap, fare, worth, tariff, how much does it cost, how much is, how much are, how much do i pay, how much money
question symptoms: symptom, symptoms, sign, signs, tell if, how can i tell, how do i know, how to know, recognise, recognize
question effect: effect, effects, side effect, side effects, consequence, consequences, impact, what happens, what happens if, result, results, what will happen, affect, lead to, happen
question example: example, examples, sample, samples
question advantage: advantage, advantages, benefit, benefits, pro, pros, pros and cons
question disadvantage: disadvantage, disadvantages, drawback, drawbacks, con, cons, downside, downsides, risk, risks, danger, dangers
question allowed: allowed, allow, permitted, legal, legally, illegal, forbidden, permit, permission, is it ok, is it okay, is it possible, possible, am i able, able to, entitled, eligible, may i, can i, can we, are we allowed, am i allowed, is it allowed, prohibited
question required: required, require, requirement, requirements, necessary, mandatory, obligatory, compulsory, must, have to, has to, had to, need to, needs to, obliged, is it necessary, do i need
question safe: safe, safety, dangerous, harmful, safely, unsafe, healthy, unhealthy, toxic, poisonous
question normal: normal, usual, common, typical
question trouble: not working, does not work, do not work, is not working, broken, error, issue, problem, wrong, stuck, fault, crash, crashes, trouble, fails
modality can: can, could, able to, possible, is it possible, may, might, allowed, allowed to, permitted, can i, can we, may i
modality should: should, ought to, ought, supposed to, recommended, better to, advisable, worth
modality must: must, have to, has to, had to, need to, needs to, required, mandatory, obligatory, compulsory, necessary, obliged, do i need
modality would: would, will, shall, going to
modality want: want to, would like to, wants to, wish, wanted to, hope to, plan to
tense past: was, were, did, had, yesterday, ago, last, already, used to, previously, former, formerly, earlier, before, has been, have been, had been, once
tense future: will, shall, going to, tomorrow, soon, upcoming, in future, in the future, later, next, about to
tense still: still, yet, not yet, so far, anymore, any more, no longer, continue, keep, remain
tense again: again, another, re, once more, anew
tense becoming: become, becoming, became, becomes, turn into, turned into, getting
pronoun first: i, me, my, mine, myself, we, us, our, ours, ourselves
pronoun second: you, your, yours, yourself
pronoun he: he, him, his, himself
pronoun she: she, her, hers, herself
pronoun they: they, them, their, theirs, themselves, someone, somebody, someone else, others, other people, people, anyone, one
pronoun wife: wife, husband, partner, spouse
pronoun child: son, daughter, child, children, kid, kids, baby, toddler
pronoun parent: mother, father, parents, mom, dad, grandmother, grandfather, grandma, grandpa
pronoun colleague: colleague, colleagues, boss, manager, employee, employees, employer, coworker, team
pronoun friend: friend, friends, neighbour, neighbor, neighbours, roommate, flatmate, landlord, tenant
quantifier all: all, every, each, everyone, everybody, everything, entire, whole, always, completely, fully, entirely, any
quantifier some: some, several, few, a few, sometimes, part of, partly, partially, certain, a couple of, half of
quantifier most: most, majority, usually, mostly
quantifier only: only, just, solely, exclusively, single, merely, nothing but, alone
quantifier both: both, either, together
quantifier many: many, much, lots of, a lot of, plenty, multiple, various
quantifier atleast: at least, minimum, minimal, no less than, not less than, min, or more, or older, and above, or above, upwards, lowest, shortest, smallest
quantifier atmost: at most, maximum, maximal, no more than, not more than, max, up to, or less, or fewer, or younger, and below, or below, within, not exceeding, does not exceed, no longer than, limit, highest, longest, largest, biggest, latest, not longer than, not later than, or under
comparison more: more, more than, over, above, exceed, exceeding, exceeds, greater, greater than, higher, higher than, longer, longer than, larger, larger than, bigger, bigger than, older, older than, faster, faster than, stronger, increase, increases, increased, increasing, raise, rise, heavier, taller, later than, better, better than, improve
comparison less: less, less than, fewer, fewer than, under, below, lower, lower than, shorter, shorter than, smaller, smaller than, younger, younger than, slower, slower than, weaker, decrease, decreases, decreased, decreasing, reduce, reduces, reduced, drop, lighter, worse, worse than, cheaper, earlier than
comparison same: same, equal, equal to, identical, similar, similar to, like, exactly, as much as, as many as
comparison than: than, compared to, compared with, versus, instead of, rather than
condition if: if, in case, when, whenever, provided, assuming, once, as long as, suppose, supposing, given that
condition unless: unless, except, except for, excluding, apart from, other than, but not, besides, without
condition with: with, including, include, includes, plus, along with, together with
condition because: because, since, due to, because of, as a result, thanks to
condition despite: although, though, despite, even though, even if, but, however, while
condition for: for, for a, for the
condition during: during, while, throughout, in the middle of
order before: before, prior to, until, till, ahead of, earlier than, in advance, beforehand, by
order after: after, afterwards, following, since, later than, later, subsequently, from
join and: and, as well as, plus
join or: or, either
direction from: from, out of, off
direction to: to, into, onto, towards
direction up: up, on, in, upload, import
direction down: down, off, out, download, export
form table: table, spreadsheet, csv, excel
form list: list, bullet, bullets, bullet points, enumerate, checklist
form short: short, brief, briefly, in short, concise, concisely, summary, summarize, summarise, tl dr, in one sentence, one sentence, one line, in a sentence, in a word
form long: in detail, detailed, long, elaborate, step by step, essay, paragraph, paragraphs, article
form code: code, script, function, regex, query, sql, python, javascript, java, bash, formula
form letter: letter, email, mail, message, text message, sms, note
form poem: poem, story, joke, song, tweet, post, slogan, headline, title, rhyme
form formal: formal, formally, polite, politely, professional, friendly, informal, casual, funny, humorous
form translate: translate, translation, translated
form language: english, german, french, spanish, italian, chinese, japanese, korean, russian, portuguese, arabic, hindi, dutch, polish, turkish, mandarin, latin
form yesno: yes or no, true or false
action create: create, make, add, write, draft, compose, build, generate, new, set up, register, sign up, open, start, begin, enable, activate, install, turn on, switch on, switch to, subscribe, join, insert, compose, get
action remove: remove, delete, cancel, close, stop, end, disable, deactivate, uninstall, turn off, switch off, unsubscribe, leave, quit, clear, erase, get rid of, terminate, drop, without, revoke, withdraw
action change: change, edit, modify, update, replace, rename, move, transfer, convert, switch, adjust, alter, swap
action find: find, search, locate, look up, show, see, check, view, list, display, where is, track
action fix: fix, repair, solve, resolve, troubleshoot, restore, recover, reset, undo
action prevent: prevent, avoid, protect, block, keep from, stop from
action get: get, receive, obtain, claim, apply, request, order, buy, purchase, book, reserve
action give: give, send, pay, return, sell, lend, refund, submit, share, report
action keep: keep, save, store, hold, preserve
action read: read, learn, understand, know
action improve: improve, increase, optimise, optimize, speed up, boost
action compare: compare, choose, decide, prefer
action count: count, calculate, compute, sum, total, average
action say: summarise, summarize, translate, proofread, rewrite, rephrase, correct, classify, extract, answer, reply
`

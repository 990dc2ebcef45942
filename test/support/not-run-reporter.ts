import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** What cannot run here is named at the end of the run, with its count and what it needs. */
const NEEDS: readonly (readonly [suite: string, needs: string])[] = [
  ['index suite, cluster', 'no cluster with the query engine, set REPRISE_TEST_REDIS_CLUSTER_URL'],
  [
    'beside LangGraph on one Redis',
    'no server with the query engine and JSON, set REPRISE_TEST_REDIS_URL to one that has both',
  ],
  ['index suite', 'no server with the query engine, set REPRISE_TEST_REDIS_URL'],
]

export class NotRunReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')])
    const own = new Map(skipped.flatMap((test) => (ownReason(test) === undefined ? [] : [[test, ownReason(test)]])))
    for (const [suite, needs] of NEEDS) {
      const count = skipped.filter((test) => !own.has(test) && test.fullName.startsWith(`${suite} > `)).length
      if (count > 0) console.log(`not run: ${suite}, ${count} tests: ${needs}`)
    }
    for (const [test, reason] of own) console.log(`not run: ${test.fullName}${reason}`)
  }
}

/** What a test says itself of why it is skipped, in a note; nothing more where its name says it. */
function ownReason(test: TestCase): string | undefined {
  const result = test.result()
  if (result.state === 'skipped' && result.note) return `: ${result.note}`
  return test.name.startsWith('needs ') ? '' : undefined
}

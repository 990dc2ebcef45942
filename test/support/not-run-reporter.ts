import type { Reporter, TestModule } from 'vitest/node'

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
    for (const [suite, needs] of NEEDS) {
      let count = 0
      for (const module of modules) {
        for (const test of module.children.allTests('skipped')) {
          if (test.fullName === `${suite} > ${test.name}` || test.fullName.startsWith(`${suite} > `)) count++
        }
      }
      if (count > 0) console.log(`not run: ${suite}, ${count} tests: ${needs}`)
    }
  }
}

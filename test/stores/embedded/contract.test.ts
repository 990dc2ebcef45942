import { embeddedStore } from '../../../src/stores/embedded/embedded-store.ts'
import { guardedStore } from '../../../src/stores/guarded.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'

storeContract('embedded store', ({ now }) => embeddedStore({ now }))

storeContract('guarded embedded store', ({ now }) =>
  guardedStore(embeddedStore({ now }), {
    deadlineMs: 10_000,
    breaker: { failures: 5, halfOpenAfterMs: 2_000 },
    emit: (event) => {
      throw new Error(`a healthy store has nothing to tell: ${JSON.stringify(event)}`)
    },
    now,
  }),
)

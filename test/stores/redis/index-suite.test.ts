import { redisStore } from '../../../src/stores/redis/index.ts'
import { storeContract } from '../../../src/testing/store-contract.ts'

const url = process.env.REPRISE_TEST_REDIS_URL as string
storeContract('redis', ({ now }) => redisStore({ url, now }), { capabilities: { locks: true } })

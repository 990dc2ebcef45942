import { describe, expect, it } from 'vitest'
import { CircuitBreaker } from '../../src/core/circuit-breaker.ts'

function breakerAt(failures: number, halfOpenAfterMs: number) {
  const clock = { at: 1_000 }
  return { clock, breaker: new CircuitBreaker({ failures, halfOpenAfterMs, now: () => clock.at }) }
}

describe('the circuit breaker', () => {
  it('opens after so many failures in a row', () => {
    const { breaker } = breakerAt(3, 100)
    expect([breaker.fail(), breaker.fail()]).toEqual([false, false])
    expect(breaker.succeed()).toEqual({ closed: false, failures: 2 })
    expect([breaker.fail(), breaker.fail(), breaker.fail()]).toEqual([false, false, true])
    expect(breaker.isOpen).toBe(true)
    expect(breaker.tryCall()).toBe(false)
  })

  it('lets one call through after a while, and refuses the others at once', () => {
    const { breaker, clock } = breakerAt(1, 100)
    breaker.fail()
    clock.at += 99
    expect(breaker.tryCall()).toBe(false)
    clock.at += 1
    expect([breaker.tryCall(), breaker.tryCall(), breaker.tryCall()]).toEqual([true, false, false])
  })

  it('closes when that call succeeds', () => {
    const { breaker, clock } = breakerAt(1, 100)
    breaker.fail()
    clock.at += 100
    breaker.tryCall()
    expect(breaker.succeed()).toEqual({ closed: true, failures: 1 })
    expect([breaker.tryCall(), breaker.tryCall()]).toEqual([true, true])
  })

  it('stays open for as long again when that call fails, which is no second opening', () => {
    const { breaker, clock } = breakerAt(1, 100)
    breaker.fail()
    clock.at += 150
    breaker.tryCall()
    expect(breaker.fail()).toBe(false)
    clock.at += 99
    expect(breaker.tryCall()).toBe(false)
    clock.at += 1
    expect(breaker.tryCall()).toBe(true)
  })
})

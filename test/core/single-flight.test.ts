import { describe, expect, it, vi } from 'vitest'
import { SingleFlight } from '../../src/core/single-flight.ts'

describe('SingleFlight', () => {
  it('does identical work once while it is under way, and anew after it ended', () => {
    const flights = new SingleFlight<number>()
    const start = vi.fn((_signal: AbortSignal, _end: () => void) => start.mock.calls.length)
    const first = flights.join('a', start)
    expect(flights.join('a', start)).toMatchObject({ work: 1, joined: true })
    expect(flights.join('b', start)).toMatchObject({ work: 2, joined: false })
    expect(first).toMatchObject({ work: 1, joined: false })
    start.mock.calls[0]?.[1]()
    expect(flights.join('a', start)).toMatchObject({ work: 3, joined: false })
  })

  it('aborts when the last caller leaves, and not before', () => {
    const flights = new SingleFlight<AbortSignal>()
    const first = flights.join('a', (signal) => signal)
    const second = flights.join('a', (signal) => signal)
    first.leave('first')
    first.leave('again')
    expect(first.work.aborted).toBe(false)
    second.leave('second')
    expect(first.work.aborted).toBe(true)
    expect(first.work.reason).toBe('second')
    expect(flights.join('a', (signal) => signal).joined).toBe(false)
  })

  it('does not abort work that has ended', () => {
    const flights = new SingleFlight<AbortSignal>()
    const seat = flights.join('a', (signal, end) => {
      end()
      return signal
    })
    seat.leave()
    expect(seat.work.aborted).toBe(false)
  })

  it('lets nobody join a detached flight, and leaves a newer one of the same name alone', () => {
    const flights = new SingleFlight<string>()
    let endOld = () => {}
    const old = flights.join('a', (_signal, end) => {
      endOld = end
      return 'old'
    })
    flights.detachAll()
    expect(flights.join('a', () => 'new')).toMatchObject({ work: 'new', joined: false })
    endOld()
    old.leave()
    expect(flights.join('a', () => 'newer')).toMatchObject({ work: 'new', joined: true })
  })

  it('forgets a flight that could not begin', () => {
    const flights = new SingleFlight<string>()
    expect(() =>
      flights.join('a', () => {
        throw new Error('no')
      }),
    ).toThrow('no')
    expect(flights.join('a', () => 'yes').joined).toBe(false)
  })
})

/** One caller's place in a flight. */
export interface FlightSeat<Work> {
  readonly work: Work
  /** True for a caller that found the flight already under way. */
  readonly joined: boolean
  /** Gives up the seat; when the last one is given up before the flight ended, its signal aborts. */
  leave(reason?: unknown): void
}

/**
 * Identical work in flight is done once. A flight's signal aborts only when every caller has left, so one caller's abort
 * never touches the others. The work says itself when it has ended (`end`): later callers then start anew, so that a
 * failure is never handed to somebody who came after it.
 */
export class SingleFlight<Work> {
  readonly #flights = new Map<string, Flight<Work>>()

  join(id: string, start: (signal: AbortSignal, end: () => void) => Work): FlightSeat<Work> {
    const known = this.#flights.get(id)
    if (known) return seat(known, true)
    const flight = new Flight<Work>(() => {
      if (this.#flights.get(id) === flight) this.#flights.delete(id)
    })
    this.#flights.set(id, flight)
    flight.begin(start)
    return seat(flight, false)
  }

  /** Lets nobody join the flights under way any more; those who wait keep waiting. */
  detachAll(): void {
    this.#flights.clear()
  }
}

class Flight<Work> {
  readonly #controller = new AbortController()
  readonly #remove: () => void
  #seats = 0
  #ended = false
  #work: { readonly value: Work } | undefined

  constructor(remove: () => void) {
    this.#remove = remove
  }

  get work(): Work {
    if (!this.#work) throw new Error('a flight was joined while it began')
    return this.#work.value
  }

  begin(start: (signal: AbortSignal, end: () => void) => Work): void {
    try {
      this.#work = { value: start(this.#controller.signal, () => this.end()) }
    } catch (error) {
      this.end()
      throw error
    }
  }

  enter(): void {
    this.#seats++
  }

  leave(reason: unknown): void {
    this.#seats--
    if (this.#seats > 0 || this.#ended) return
    this.end()
    this.#controller.abort(reason)
  }

  end(): void {
    this.#ended = true
    this.#remove()
  }
}

function seat<Work>(flight: Flight<Work>, joined: boolean): FlightSeat<Work> {
  flight.enter()
  let left = false
  return {
    work: flight.work,
    joined,
    leave(reason) {
      if (left) return
      left = true
      flight.leave(reason)
    },
  }
}

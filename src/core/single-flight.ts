import { asPartOf, noteWaiting, Work, wouldWaitForItself } from './own-work.ts'

/** One caller's place in a flight. */
export interface FlightSeat<Result> {
  readonly work: Result
  /** True for a caller that found the flight already under way. */
  readonly joined: boolean
  /** Gives up the seat; when the last one is given up before the flight ended, its signal aborts. */
  leave(reason?: unknown): void
  /** Runs what the flight does later, so that it is known as the flight's own. */
  asPartOf<Step>(run: () => Step): Step
}

/**
 * Identical work in flight is done once. A flight's signal aborts only when every caller has left, so one caller's abort
 * never touches the others. The work says itself when it has ended (`end`): later callers then start anew, so that a
 * failure is never handed to somebody who came after it.
 */
export class SingleFlight<Result> {
  readonly #flights = new Map<string, Flight<Result>>()

  /**
   * True inside a flight of this name, and where the flight waits for what runs here: joining it would never end. Such a
   * caller works by itself.
   */
  isOwn(id: string): boolean {
    const known = this.#flights.get(id)
    return known !== undefined && wouldWaitForItself(known.asWork)
  }

  join(id: string, start: (signal: AbortSignal, end: () => void) => Result): FlightSeat<Result> {
    const known = this.#flights.get(id)
    if (known) {
      noteWaiting(known.asWork)
      return seat(known, true)
    }
    const flight = new Flight<Result>(() => {
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

class Flight<Result> {
  readonly asWork = new Work()
  readonly #controller = new AbortController()
  readonly #remove: () => void
  #seats = 0
  #work: { readonly value: Result } | undefined

  constructor(remove: () => void) {
    this.#remove = remove
  }

  get work(): Result {
    if (!this.#work) throw new Error('a flight was joined while it began')
    return this.#work.value
  }

  begin(start: (signal: AbortSignal, end: () => void) => Result): void {
    try {
      this.#work = { value: asPartOf(this.asWork, () => start(this.#controller.signal, () => this.end())) }
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
    if (this.#seats > 0 || this.asWork.isOver) return
    this.end()
    this.#controller.abort(reason)
  }

  end(): void {
    this.asWork.isOver = true
    this.#remove()
  }
}

function seat<Result>(flight: Flight<Result>, joined: boolean): FlightSeat<Result> {
  flight.enter()
  let left = false
  return {
    work: flight.work,
    joined,
    asPartOf: (run) => asPartOf(flight.asWork, run),
    leave(reason) {
      if (left) return
      left = true
      flight.leave(reason)
    },
  }
}

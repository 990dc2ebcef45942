import type { StreamPart } from '../core/response.ts'
import type { FlightSeat } from '../core/single-flight.ts'
import type { ModelCall } from './semantic-cache.ts'
import { isAsyncIterable } from './stream-parts.ts'

/**
 * The same call, known as part of its flight. A stream's source runs on behalf of whoever reads the next part, so each
 * step is taken inside the flight.
 */
export function callAsPartOf({ asPartOf }: Pick<FlightSeat<unknown>, 'asPartOf'>, call: ModelCall): ModelCall {
  return (signal) => {
    const given = asPartOf(() => call(signal))
    if (!isAsyncIterable(given)) return given
    return {
      [Symbol.asyncIterator]: (): AsyncIterator<StreamPart> => {
        const iterator = asPartOf(() => given[Symbol.asyncIterator]())
        const leave = iterator.return?.bind(iterator)
        return {
          next: () => asPartOf(() => iterator.next()),
          ...(leave && { return: (value) => asPartOf(() => leave(value)) }),
        }
      },
    }
  }
}

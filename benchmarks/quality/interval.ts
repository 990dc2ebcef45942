export { wilson } from '../../src/cli/bench/interval.ts'

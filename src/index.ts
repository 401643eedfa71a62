/** The package from outside: the producer, and the shape of what a run leaves behind. */
export { Producer, type ProducerOptions } from './library/index.ts';
export type { Summary } from './results/summary.ts';

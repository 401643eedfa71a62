import { RandomSequence } from '../../src/core/random.ts';

/** `count` normal values of mean 0 that remember a share `memory` of the one before, standard deviation `deviation`. */
export function noise(seed: number, count: number, deviation: number, memory = 0): number[] {
  const random = new RandomSequence(seed, 99);
  const normal = () =>
    Math.sqrt(-2 * Math.log(1 - random.unit())) * Math.cos(2 * Math.PI * random.unit());
  let value = normal();
  return Array.from({ length: count }, () => {
    value = memory * value + Math.sqrt(1 - memory ** 2) * normal();
    return value * deviation;
  });
}

// One ladder in a process of its own: what V8 has learnt from another one's records would make this one slower, up to twice.
//   node --import tsx bench/ladder-case.mjs BYTES aggregated|plain ENDPOINT [--sites]
import { ladder, ladderText } from './ladder.ts';

const [bytes, kind, endpoint, ...flags] = process.argv.slice(2);
console.log(
  ladderText(
    await ladder(Number(bytes), kind === 'aggregated', endpoint),
    flags.includes('--sites'),
  ),
);
process.exit(0);

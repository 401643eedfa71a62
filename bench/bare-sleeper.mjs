// How late this machine wakes a thread that does nothing but sleep to the instants of a constant rate, as
// `node bench/bare-sleeper.mjs RATE SECONDS`: the least that any generator here can be late. Where instants are denser than
// 0.25 ms it wakes once in that time, as ours does. Prints p50, p99 and maximum in microseconds.
const SHORTEST_MS = 0.25;
const HIGHEST_US = 1_000_000;

const [rate, seconds] = process.argv.slice(2).map(Number);
const counts = new Uint32Array(HIGHEST_US + 1);
const word = new Int32Array(new SharedArrayBuffer(4));
const total = Math.round(rate * seconds);
const startMs = performance.now() + 10;
let wokeMs = startMs - SHORTEST_MS;

for (let i = 0; i < total; ) {
  const dueMs = Math.max(startMs + (i * 1000) / rate, wokeMs + SHORTEST_MS);
  const waitMs = dueMs - performance.now();
  if (waitMs > 0) Atomics.wait(word, 0, 0, waitMs);
  wokeMs = performance.now();
  for (; i < total; i++) {
    const lateUs = Math.round((wokeMs - startMs) * 1000 - (i * 1e6) / rate);
    if (lateUs < 0) break;
    counts[Math.min(HIGHEST_US, lateUs)]++;
  }
}

/** The lateness that a share of the instants does not exceed. */
function percentile(share) {
  let left = Math.ceil(share * total);
  let us = 0;
  for (; left > counts[us]; us++) left -= counts[us];
  return us;
}

process.stdout.write(
  JSON.stringify({ p50: percentile(0.5), p99: percentile(0.99), max: percentile(1) }),
);

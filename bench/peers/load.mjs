// What every peer gets from run.mjs, by variables of its environment, and what it says: "start N" when its warm-up is over
// and "end N" when its measured seconds are, N being the user records that the sink has accepted until then.
import { readFileSync } from 'node:fs';

export function loadOf(environment) {
  return {
    endpoint: environment.ENDPOINT,
    keys: readFileSync(environment.KEYS_FILE, 'utf8').trim().split('\n'),
    bytes: Number(environment.BYTES),
    warmUpMs: Number(environment.WARM_UP_MS),
    measuredMs: Number(environment.MEASURED_MS),
  };
}

/** Runs callers until the measured time is over. */
export async function measured({ warmUpMs, measuredMs }, run) {
  let count = 0;
  let over = false;
  setTimeout(() => console.log(`start ${count}`), warmUpMs);
  setTimeout(() => {
    console.log(`end ${count}`);
    over = true;
  }, warmUpMs + measuredMs);
  await run(
    () => over,
    (records) => {
      count += records;
    },
  );
}

// Preloaded into the program by bench/long.mjs (`--import`), in every thread: each minute a full collection, then what is
// left, as a line `<milliseconds since 1970> <bytes of heap> <bytes of buffers>` appended to the file that SHARDSTORM_BENCH_HEAP names.
import { appendFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

setInterval(() => {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  const line = `${Date.now()} ${heapUsed} ${external}\n`;
  appendFileSync(process.env.SHARDSTORM_BENCH_HEAP, line);
}, 60_000).unref();

// Health check of the container image. A simulator must answer; a job only has to be there: how it went is its exit code.
import { readFileSync } from 'node:fs';

const words = readFileSync('/proc/1/cmdline', 'utf8').split('\0');
if (words.includes('simulate')) {
  const given = words.find((word) => word.startsWith('--port='))?.slice('--port='.length);
  const port = given ?? words[words.indexOf('--port') + 1 || words.length] ?? '4567';
  const answer = await fetch(`http://127.0.0.1:${port}/_health`, {
    signal: AbortSignal.timeout(5_000),
  }).catch(() => null);
  if (answer?.ok !== true) {
    console.error(`nothing healthy answers on port ${port}`);
    process.exitCode = 1;
  }
}

/** The `inspect` command. In: a stream. Out: a profile of what runs through it; it writes nothing and keeps no payload. */
import { randomBytes } from 'node:crypto';
import { clockOrigin, realClock } from '../core/clock.ts';
import { ShardstormError } from '../core/errors.ts';
import { formatCount, parseDurationUs } from '../core/units.ts';
import type { ReadPosition } from '../kinesis/reading.ts';
import { openStream } from '../transport/stream-reader.ts';
import { type ProfileData, StreamProfile } from '../verify/profile.ts';
import { readAll, type ShardProgress } from '../verify/read-all.ts';
import type { Arguments, CommandIo } from './command.ts';
import { EXIT, usageError } from './errors.ts';
import { isOn, text, usesColor } from './flags.ts';
import { inspectionText } from './inspect-text.ts';
import { listenForInterrupts } from './interrupts.ts';

const PROGRESS_MS = 2_000;
const TOP_MAX = 1_000;
/** A shard further behind than this when the look ends has not been read up to it. */
const BEHIND_MS_MAX = 1_000;

export async function inspect(args: Arguments, io: CommandIo): Promise<number> {
  const top = Number(text(args, 'top') ?? '5');
  if (!Number.isInteger(top) || top < 0 || top > TOP_MAX) {
    throw usageError(`--top ${text(args, 'top')} is not a number up to ${TOP_MAX}`, 'Try --top 5.');
  }
  const { profile, exitCode } = await profileStream(text(args, 'stream') ?? '', args, io, top);
  if (isOn(args, 'json')) io.stdout.write(`${JSON.stringify(profile, null, 2)}\n`);
  else io.stdout.write(`${inspectionText(profile, usesColor(args, io, io.stdout))}\n`);
  return exitCode;
}

/**
 * Reads a stream for as long as the flags say, or until a signal.
 * @throws ShardstormError for wrong flags, and when the stream cannot be read
 */
export async function profileStream(
  stream: string,
  args: Arguments,
  { stderr }: CommandIo,
  top: number,
): Promise<{ readonly profile: ProfileData; readonly exitCode: number }> {
  if (!/^[a-zA-Z0-9_.-]{1,128}$/.test(stream)) {
    throw usageError(
      `${JSON.stringify(stream)} is no name of a stream; expected 1 to 128 letters, digits, _ . -`,
      'Name the stream, not its ARN.',
    );
  }
  const lookUs = durationOf(args, 'for') ?? 30_000_000;
  const sinceUs = durationOf(args, 'since');
  const method = methodOf(args);
  const endpoint = endpointOf(args);
  const clock = realClock(clockOrigin());
  const address = { endpoint, region: text(args, 'region') ?? null, credentials: 'chain' as const };
  const readable = await openStream({ address, streamName: stream, method, clock });
  const profile = new StreamProfile();
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), lookUs / 1000);
  const interrupts = listenForInterrupts(() => abort.abort());
  const fromMs = Math.floor((clock.originEpochUs - (sinceUs ?? 0)) / 1000);
  const from: ReadPosition = sinceUs === null ? { kind: 'end' } : { kind: 'time', epochMs: fromMs };
  const progress = new Map<string, ShardProgress>();
  let openShards = 0;
  let toldMs = performance.now();
  try {
    openShards = (await readable.listShards()).filter(({ isOpen }) => isOpen).length;
    await readAll({
      stream: readable,
      from,
      progress,
      onPage: (shard, page) => {
        for (const record of page.records) profile.record(shard.id, record);
        if (isOn(args, 'quiet') || performance.now() - toldMs < PROGRESS_MS) return;
        toldMs = performance.now();
        stderr.write(`${formatCount(profile.userRecords)} user records\n`);
      },
      // What lies behind now is enough of the past; of what comes there is no end.
      isOver: () => sinceUs !== null,
      signal: abort.signal,
    });
  } finally {
    clearTimeout(timer);
    interrupts.release();
    await readable.close();
  }
  const data = profile.data({
    stream,
    inspectedAt: new Date().toISOString(),
    openShards,
    unreadShards: [...progress]
      .filter(([, { isDone, millisBehindLatest }]) => !isDone && millisBehindLatest > BEHIND_MS_MAX)
      .map(([id]) => id),
    salt: randomBytes(16),
    topKeys: top,
  });
  return { profile: data, exitCode: interrupts.exitCode() ?? EXIT.ok };
}

function durationOf(args: Arguments, flag: string): number | null {
  const value = text(args, flag);
  if (value === undefined) return null;
  const us = parseDurationUs(value);
  if (us !== null && us > 0 && us <= 7 * 86_400_000_000) return us;
  throw usageError(
    `--${flag} ${JSON.stringify(value)} is no duration above zero, up to a week`,
    `Such as --${flag} 2m.`,
  );
}

function methodOf(args: Arguments): 'polling' | 'fan-out' {
  const method = text(args, 'method') ?? 'polling';
  if (method === 'polling' || method === 'fan-out') return method;
  throw usageError(`--method ${JSON.stringify(method)} is not known`, 'Use polling or fan-out.');
}

function endpointOf(args: Arguments): string | null {
  const endpoint = text(args, 'endpoint') ?? null;
  if (endpoint === null || (URL.canParse(endpoint) && /^https?:/.test(endpoint))) return endpoint;
  throw new ShardstormError(
    'SHARDSTORM_CLI_USAGE',
    `--endpoint ${JSON.stringify(endpoint)} is no URL`,
    { hint: 'Such as --endpoint http://127.0.0.1:4567.' },
  );
}

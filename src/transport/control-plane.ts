/**
 * Calls about streams, always through the AWS SDK and over HTTP/1.1, which every endpoint speaks.
 * In: where the service is. Out: what a stream is like, its open shards, or an operating error that
 * names the endpoint, the cause and a remedy.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  ListShardsCommand,
  type ListShardsCommandInput,
  type Shard as SdkShard,
} from '@aws-sdk/client-kinesis';
import { describeCause, ShardstormError } from '../core/errors.ts';
import type { ListOpenShards } from '../kinesis/listing.ts';
import { type Shard, shardNumber } from '../kinesis/shard.ts';
import { controlError, timedOut } from './control-error.ts';
import { kinesisClient } from './sdk-client.ts';
import type { TargetAddress } from './target-address.ts';

export interface StreamDescription {
  readonly name: string;
  /** ACTIVE, CREATING, UPDATING or DELETING. */
  readonly status: string;
  readonly mode: 'provisioned' | 'on-demand';
  readonly openShardCount: number;
  readonly retentionHours: number;
}

export interface ControlPlane {
  /** @throws ShardstormError see {@link checkTarget} */
  describeStream(streamName: string): Promise<StreamDescription>;
  /**
   * Creates a provisioned stream, unless it is there, and waits until it is active.
   * @throws ShardstormError see {@link checkTarget}
   */
  createStream(streamName: string, shardCount: number): Promise<StreamDescription>;
  readonly listOpenShards: ListOpenShards;
  close(): void;
}

/** The whole check of a target ends within it. */
const CALL_TIMEOUT_MS = 8_000;
const CREATE_TIMEOUT_MS = 180_000;
const CREATE_POLL_MS = 250;
const MAX_ATTEMPTS = 3;
/** 1,000 shards a page. */
const SHARD_PAGES_MAX = 1_000;

/**
 * A client for calls about streams. Connects at the first call.
 * @param callTimeoutMs a call that has not come to an end by then is given up
 */
export function connectControlPlane(
  address: TargetAddress,
  callTimeoutMs = CALL_TIMEOUT_MS,
): ControlPlane {
  const client = kinesisClient(address, {
    http: '1.1',
    maxConnections: 4,
    maxAttempts: MAX_ATTEMPTS,
  });

  const guard = <T>(streamName: string, call: (abortSignal: AbortSignal) => Promise<T>) =>
    guarded(address, streamName, callTimeoutMs, call);

  const describeStream = async (streamName: string): Promise<StreamDescription> => {
    const command = new DescribeStreamSummaryCommand({ StreamName: streamName });
    const output = await guard(streamName, (abortSignal) => client.send(command, { abortSignal }));
    const summary = output.StreamDescriptionSummary;
    const isOnDemand = summary?.StreamModeDetails?.StreamMode === 'ON_DEMAND';
    return {
      name: streamName,
      status: summary?.StreamStatus ?? 'UNKNOWN',
      mode: isOnDemand ? 'on-demand' : 'provisioned',
      openShardCount: summary?.OpenShardCount ?? 0,
      retentionHours: summary?.RetentionPeriodHours ?? 0,
    };
  };

  const createStream = async (streamName: string, shardCount: number) => {
    const command = new CreateStreamCommand({ StreamName: streamName, ShardCount: shardCount });
    await guard(streamName, async (abortSignal) => {
      try {
        await client.send(command, { abortSignal });
      } catch (thrown) {
        // Created meanwhile, by another member of a fleet: as good.
        if ((thrown as Error).name !== 'ResourceInUseException') throw thrown;
      }
    });
    return waitUntilActive(streamName, describeStream);
  };

  const listPage = async (input: ListShardsCommandInput, abortSignal: AbortSignal) =>
    client.send(new ListShardsCommand(input), { abortSignal });

  const listAll = async (streamName: string, abortSignal: AbortSignal): Promise<Shard[]> => {
    const shards: Shard[] = [];
    let input: ListShardsCommandInput = {
      StreamName: streamName,
      ShardFilter: { Type: 'AT_LATEST' },
    };
    for (let page = 0; page < SHARD_PAGES_MAX; page++) {
      const { Shards = [], NextToken } = await listPage(input, abortSignal);
      for (const shard of Shards) shards.push(shardOf(shard));
      if (NextToken === undefined) break;
      input = { NextToken };
    }
    // An endpoint that knows no filter lists closed shards as well.
    return shards.filter((shard) => shard.isOpen);
  };

  return {
    describeStream,
    createStream,
    listOpenShards(streamName, done) {
      const listing = withinTime(callTimeoutMs, (abortSignal) => listAll(streamName, abortSignal));
      listing.then(
        (shards) => done(shards, '', ''),
        (thrown) => done(null, (thrown as Error).name, describeCause(thrown)),
      );
    },
    close: () => client.destroy(),
  };
}

/**
 * Looks whether a run can start: the endpoint answers, the credentials are taken, the stream is
 * there and active. It ends within ten seconds, unless it creates the stream.
 * @param create shards of the stream to create if it is missing; null to create none
 * @throws ShardstormError SHARDSTORM_TRANSPORT_UNREACHABLE, SHARDSTORM_CREDENTIALS_MISSING,
 *   SHARDSTORM_CREDENTIALS_REFUSED, SHARDSTORM_SERVICE_STREAM_MISSING, SHARDSTORM_SERVICE_ERROR
 */
export async function checkTarget(
  address: TargetAddress,
  streamName: string,
  create: { readonly shards: number } | null,
): Promise<StreamDescription> {
  const plane = connectControlPlane(address);
  try {
    const stream = await plane.describeStream(streamName);
    return isUsable(stream) ? stream : await waitUntilActive(streamName, plane.describeStream);
  } catch (thrown) {
    const isMissing =
      thrown instanceof ShardstormError && thrown.code === 'SHARDSTORM_SERVICE_STREAM_MISSING';
    if (!isMissing || create === null) throw thrown;
    return await plane.createStream(streamName, create.shards);
  } finally {
    plane.close();
  }
}

/** A stream takes records while it is being resharded. */
function isUsable({ status }: StreamDescription): boolean {
  return status === 'ACTIVE' || status === 'UPDATING';
}

async function waitUntilActive(
  streamName: string,
  describe: (streamName: string) => Promise<StreamDescription>,
): Promise<StreamDescription> {
  let status = '';
  for (let waitedMs = 0; waitedMs < CREATE_TIMEOUT_MS; waitedMs += CREATE_POLL_MS) {
    const stream = await describe(streamName);
    if (isUsable(stream)) return stream;
    status = stream.status;
    if (status === 'DELETING') break;
    await sleep(CREATE_POLL_MS);
  }
  throw new ShardstormError(
    'SHARDSTORM_SERVICE_ERROR',
    `stream "${streamName}" is ${status}, not ACTIVE`,
    { hint: 'Wait until the stream is active, or name another in target.stream.', retryable: true },
  );
}

/** Runs one call within its time; what goes wrong becomes an operating error. */
async function guarded<T>(
  address: TargetAddress,
  streamName: string,
  callTimeoutMs: number,
  call: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await withinTime(callTimeoutMs, call);
  } catch (thrown) {
    throw controlError(thrown, address, streamName);
  }
}

/** @throws what the call throws, or {@link timedOut} */
async function withinTime<T>(
  limitMs: number,
  call: (abortSignal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = AbortSignal.timeout(limitMs);
  // The signal ends a request, but not a provider of credentials that hangs: hence the race.
  const late = new Promise<never>((_, reject) => {
    deadline.addEventListener('abort', () => reject(timedOut(limitMs)), { once: true });
  });
  try {
    return await Promise.race([call(deadline), late]);
  } catch (thrown) {
    throw deadline.aborted ? timedOut(limitMs) : thrown;
  }
}

/** A shard as the SDK tells of it. */
export function shardOf(shard: SdkShard): Shard {
  const parent = shard.ParentShardId;
  const adjacent = shard.AdjacentParentShardId;
  return {
    id: shard.ShardId ?? '',
    number: shardNumber(shard.ShardId ?? ''),
    startingHashKey: BigInt(shard.HashKeyRange?.StartingHashKey ?? 0),
    endingHashKey: BigInt(shard.HashKeyRange?.EndingHashKey ?? 0),
    parentNumber: parent ? shardNumber(parent) : null,
    adjacentParentNumber: adjacent ? shardNumber(adjacent) : null,
    isOpen: !shard.SequenceNumberRange?.EndingSequenceNumber,
  };
}

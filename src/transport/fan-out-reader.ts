import {
  DeregisterStreamConsumerCommand,
  DescribeStreamConsumerCommand,
  DescribeStreamSummaryCommand,
  type KinesisClient,
  RegisterStreamConsumerCommand,
  type StartingPosition,
  SubscribeToShardCommand,
  type SubscribeToShardEventStream,
} from '@aws-sdk/client-kinesis';
import type { Clock } from '../core/clock.ts';
import { ShardstormError } from '../core/errors.ts';
import type { ReadPage, ReadPosition, ShardReader } from '../kinesis/reading.ts';
import { controlError } from './control-error.ts';
import { storedRecord, until } from './polling-reader.ts';
import { kinesisClient } from './sdk-client.ts';
import type { TargetAddress } from './target-address.ts';

const POLL_US = 500_000;
/** A consumer becomes active within a minute; the service says no more. */
const ACTIVE_POLLS_MAX = 240;
/** A shard may be subscribed to again five seconds after the last time (API, SubscribeToShard). */
const AGAIN_US = 5_000_000;
const SUBSCRIPTION_TRIES_MAX = 60;

/** A registered consumer of enhanced fan-out: 2 MB/s of its own for each shard, pushed. Given back by {@link close}. */
export class Consumer {
  readonly #control: KinesisClient;
  /** Subscriptions need HTTP/2. */
  readonly #push: KinesisClient;
  readonly #arn: string;
  readonly #clock: Clock;
  readonly #fail: (thrown: unknown) => ShardstormError;

  private constructor(
    control: KinesisClient,
    address: TargetAddress,
    streamName: string,
    arn: string,
    clock: Clock,
  ) {
    this.#control = control;
    this.#push = kinesisClient(address, { http: '2', maxConnections: 1, maxAttempts: 3 });
    this.#arn = arn;
    this.#clock = clock;
    this.#fail = (thrown) => controlError(thrown, address, streamName);
  }

  /** @throws ShardstormError when it is not active within two minutes */
  static async register(
    client: KinesisClient,
    address: TargetAddress,
    streamName: string,
    clock: Clock,
  ): Promise<Consumer> {
    try {
      const summary = await client.send(
        new DescribeStreamSummaryCommand({ StreamName: streamName }),
      );
      const StreamARN = summary.StreamDescriptionSummary?.StreamARN ?? '';
      const suffix = Math.floor(clock.originEpochUs + clock.nowUs()).toString(36);
      const registered = await client.send(
        new RegisterStreamConsumerCommand({ StreamARN, ConsumerName: `shardstorm-${suffix}` }),
      );
      const arn = registered.Consumer?.ConsumerARN ?? '';
      const consumer = new Consumer(client, address, streamName, arn, clock);
      await consumer.#untilActive();
      return consumer;
    } catch (thrown) {
      throw controlError(thrown, address, streamName);
    }
  }

  subscribe(shardId: string, from: ReadPosition): ShardReader {
    let position = from;
    let events: AsyncIterator<SubscribeToShardEventStream> | null = null;
    let subscribedUs = Number.NEGATIVE_INFINITY;
    let isClosed = false;
    // A subscription may be silent for long: whoever closes does not wait for its next event.
    let tellClosed: (ended: { done: true; value: undefined }) => void = () => {};
    const closed = new Promise<{ done: true; value: undefined }>((resolve) => {
      tellClosed = resolve;
    });
    const subscribe = async () => {
      await until(this.#clock, subscribedUs + AGAIN_US);
      subscribedUs = this.#clock.nowUs();
      return isClosed ? null : await this.#events(shardId, position);
    };
    const next = async (): Promise<ReadPage> => {
      for (let tries = 0; tries < SUBSCRIPTION_TRIES_MAX && !isClosed; tries++) {
        events ??= await subscribe();
        if (events === null) continue;
        const { value, done } = await Promise.race([this.#nextEvent(events), closed]);
        const event = value?.SubscribeToShardEvent;
        if (done === true || event === undefined) {
          // Five minutes are over, or the connection broke.
          events = null;
          continue;
        }
        const records = (event.Records ?? []).map(storedRecord);
        const last = records.at(-1)?.sequenceNumber;
        if (last !== undefined) position = { kind: 'after', sequenceNumber: last };
        const isEnd = (event.ChildShards?.length ?? 0) > 0 || !event.ContinuationSequenceNumber;
        return { records, millisBehindLatest: event.MillisBehindLatest ?? 0, isEnd };
      }
      if (isClosed) return { records: [], millisBehindLatest: 0, isEnd: false };
      throw unsubscribed(shardId);
    };
    return {
      next,
      close: () => {
        isClosed = true;
        tellClosed({ done: true, value: undefined });
        void events?.return?.();
      },
    };
  }

  async close(): Promise<void> {
    this.#push.destroy();
    try {
      await this.#control.send(new DeregisterStreamConsumerCommand({ ConsumerARN: this.#arn }));
    } catch (thrown) {
      throw this.#fail(thrown);
    }
  }

  async #untilActive(): Promise<void> {
    for (let polls = 0; polls < ACTIVE_POLLS_MAX; polls++) {
      const command = new DescribeStreamConsumerCommand({ ConsumerARN: this.#arn });
      const { ConsumerDescription } = await this.#control.send(command);
      if (ConsumerDescription?.ConsumerStatus === 'ACTIVE') return;
      await until(this.#clock, this.#clock.nowUs() + POLL_US);
    }
    throw new ShardstormError(
      'SHARDSTORM_SERVICE_ERROR',
      `the consumer did not become active within ${(ACTIVE_POLLS_MAX * POLL_US) / 1e6} s`,
      { hint: 'Read by polling instead: --method polling.', retryable: true },
    );
  }

  /** The events of a new subscription; null when the last one is not yet given up by the service. */
  async #events(
    ShardId: string,
    position: ReadPosition,
  ): Promise<AsyncIterator<SubscribeToShardEventStream> | null> {
    try {
      const { EventStream } = await this.#push.send(
        new SubscribeToShardCommand({
          ConsumerARN: this.#arn,
          ShardId,
          StartingPosition: startingPosition(position),
        }),
      );
      return EventStream?.[Symbol.asyncIterator]() ?? null;
    } catch (thrown) {
      const { name } = thrown as Error;
      if (name === 'ResourceInUseException' || name === 'LimitExceededException') return null;
      throw this.#fail(thrown);
    }
  }

  /** A connection that broke is as good as an ended one: the next subscription goes on behind the last record. */
  async #nextEvent(
    events: AsyncIterator<SubscribeToShardEventStream>,
  ): Promise<IteratorResult<SubscribeToShardEventStream, undefined>> {
    try {
      return await events.next();
    } catch {
      return { done: true, value: undefined };
    }
  }
}

function startingPosition(position: ReadPosition): StartingPosition {
  switch (position.kind) {
    case 'start':
      return { Type: 'TRIM_HORIZON' };
    case 'end':
      return { Type: 'LATEST' };
    case 'time':
      return { Type: 'AT_TIMESTAMP', Timestamp: new Date(position.epochMs) };
    default:
      return { Type: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: position.sequenceNumber };
  }
}

function unsubscribed(shardId: string): ShardstormError {
  return new ShardstormError(
    'SHARDSTORM_SERVICE_ERROR',
    `${shardId} could not be subscribed to, ${SUBSCRIPTION_TRIES_MAX} times in a row`,
    { hint: 'Read by polling instead: --method polling.', retryable: true },
  );
}

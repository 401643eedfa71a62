import { dryRun } from '../core/put-checks.ts';
import { resourceInUse } from '../core/service-error.ts';
import type { ShardState } from '../core/shard.ts';
import type { Simulator } from '../core/simulator.ts';
import type { Stream } from '../core/stream.ts';
import { Subscription, type SubscriptionEvents } from '../core/subscription.ts';
import { CONSUMER_ARN, consumerOfArn } from './consumer-shape.ts';
import type { Input } from './input.ts';
import { type Members, required, SEQUENCE_NUMBER, SHARD_ID } from './member.ts';
import type { Output } from './operation.ts';
import { childShards, recordShape } from './record-shape.ts';
import { POSITION_TYPES, startIndex } from './start-position.ts';
import { requireReadableShard } from './stream-state.ts';

/** A later call takes over, but not within this time of the earlier one. */
const TAKE_OVER_US = 5_000_000;

export const SUBSCRIBE_MEMBERS: Members = {
  ConsumerARN: required(CONSUMER_ARN),
  ShardId: required(SHARD_ID),
  StartingPosition: {
    type: 'structure',
    isRequired: true,
    members: {
      Type: required({ type: 'string', values: POSITION_TYPES }),
      SequenceNumber: SEQUENCE_NUMBER,
      Timestamp: { type: 'timestamp' },
    },
  },
  DryRun: { type: 'boolean' },
};

/** Where a subscription's events go. */
export interface EventSink {
  event(event: { readonly [member: string]: Output }): void;
  ended(): void;
}

/** Begins a subscription. @throws ServiceError as the service does */
export function subscribeToShard(
  simulator: Simulator,
  input: Input,
  sink: EventSink,
): Subscription {
  const { stream, consumer } = consumerOfArn(simulator, input.requiredText('ConsumerARN'));
  const { account } = simulator.options;
  if (consumer.status !== 'ACTIVE') {
    throw resourceInUse(
      `Consumer ${consumer.name} of stream ${stream.name} under account ${account} is in state ` +
        `${consumer.status}.`,
    );
  }
  const shardId = input.requiredText('ShardId');
  const { shard } = requireReadableShard(simulator, stream.name, shardId);
  const position = input.structure('StartingPosition');
  stream.expire(shard, simulator.nowMs());
  const from = startIndex(simulator, stream, shard, {
    type: position?.requiredText('Type') ?? '',
    sequence: position?.text('SequenceNumber'),
    timeMs: position?.timeMs('Timestamp'),
  });
  const earlier = consumer.subscriptions.get(shard.place.number);
  if (earlier !== undefined && simulator.clock.nowUs() - earlier.startedUs < TAKE_OVER_US) {
    throw resourceInUse(
      `Another active subscription exists for this consumer: ${account}:${stream.name}:` +
        `${consumer.name}:${shard.id}`,
    );
  }
  if (input.flag('DryRun')) throw dryRun();
  earlier?.end();
  const events = shardEvents(simulator, stream, shard, sink);
  const subscription = new Subscription(simulator.clock, shard, from, events);
  consumer.subscriptions.set(shard.place.number, subscription);
  return subscription;
}

/** From places in the shard's log to events as the API has them. */
function shardEvents(
  simulator: Simulator,
  stream: Stream,
  shard: ShardState,
  sink: EventSink,
): SubscriptionEvents {
  let continuation = shard.startingSequenceNumber();
  return {
    deliver(from, to, isEnd) {
      const { log } = shard;
      const records: Output[] = [];
      for (let index = from; index < to; index++) records.push(recordShape(stream, shard, index));
      if (to > from) {
        const arrivedSecond = Math.floor(log.body(to - 1).arrivedMs / 1000);
        continuation = shard.sequenceNumber(to - 1, arrivedSecond);
      }
      const ahead = log.heldFrom(to);
      sink.event({
        Records: records,
        ContinuationSequenceNumber: continuation,
        MillisBehindLatest: ahead < log.next ? simulator.nowMs() - log.body(ahead).arrivedMs : 0,
        ChildShards: isEnd ? childShards(stream, shard) : undefined,
      });
    },
    ended: () => sink.ended(),
  };
}

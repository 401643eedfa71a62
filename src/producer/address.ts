/**
 * Under which partition key and explicit hash key a Kinesis record is sent. In: a sealed record, whose key is its first
 * user record's. Out: the same with its address. Invariant: the service finds the shard that the record was filled for,
 * unless the profile's original does not care.
 */
import { AGGREGATE_PARTITION_KEY } from '../kinesis/aggregated-record.ts';
import type { KinesisRecord } from './kinesis-record.ts';
import type { Behaviour, ContainerKey, ProducerSettings } from './settings.ts';

const CONTAINER_KEY = new TextEncoder().encode(AGGREGATE_PARTITION_KEY);
/** Length of a random container key; its buffer has that much room behind the digest. */
export const RANDOM_KEY_CHARACTERS = 16;
const LETTER_A = 97;
const LETTERS = 26;

/** What was chosen; else an aggregate of one key carries that one, others what the profile's original gives them. */
export function containerKeyOf(settings: ProducerSettings, behaviour: Behaviour): ContainerKey {
  if (settings.containerKey !== null) return settings.containerKey;
  return settings.aggregateBy === 'key' ? 'first' : behaviour.containerKey;
}

/** Puts the container's key on an aggregate; one of its first record is in place. */
export function writeContainerKey(
  record: KinesisRecord,
  containerKey: ContainerKey,
  random: () => number,
): void {
  if (containerKey === 'a') {
    record.keyId = -1;
    record.keyBytes = CONTAINER_KEY;
    record.keyStart = 0;
    record.keyEnd = CONTAINER_KEY.length;
  } else if (containerKey === 'random') {
    record.keyId = -1;
    record.keyStart = record.writtenEnd;
    record.keyEnd = record.keyStart + RANDOM_KEY_CHARACTERS;
    for (let at = record.keyStart; at < record.keyEnd; at++) {
      record.bytes[at] = LETTER_A + Math.floor(random() * LETTERS);
    }
  }
}

/**
 * Whether a Kinesis record carries its first user record's hash key as ExplicitHashKey. A container must where the
 * service could not find its shard by its partition key.
 */
export function sendsHashKey(
  behaviour: Behaviour,
  containerKey: ContainerKey,
  isAggregate: boolean,
  isExplicit: boolean,
): boolean {
  if (isExplicit || behaviour.sendsHashKey === 'always') return true;
  if (!isAggregate) return false;
  return behaviour.sendsHashKey === 'containers' || containerKey !== 'first';
}

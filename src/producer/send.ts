import type { Clock } from '../core/clock.ts';
import type { KeyTable } from '../kinesis/key-table.ts';
import {
  PutRecordsAnswer,
  type PutRecordsRequest,
  type Transport,
} from '../kinesis/put-records.ts';
import type { Collection } from './collect.ts';
import { DigestWriter } from './digest.ts';
import type { KinesisRecord } from './kinesis-record.ts';
import type { Behaviour } from './settings.ts';
import type { Stage } from './stage.ts';

/** A call in flight: used again and again, by one sender after the other. */
export class Request implements PutRecordsRequest {
  readonly streamName: string;
  readonly answer = new PutRecordsAnswer();
  collection: Collection | null = null;
  sentUs = 0;
  doneUs = 0;
  /** Its sender's. */
  onDone: (request: Request) => void = () => {};
  /** Bound once: no closure for each call. */
  readonly whenDone = (): void => this.onDone(this);

  constructor(streamName: string, wantsSequenceNumbers: boolean) {
    this.streamName = streamName;
    this.answer.wantsSequenceNumbers = wantsSequenceNumbers;
  }

  get entries(): readonly KinesisRecord[] {
    return this.collection?.records ?? [];
  }

  get entryCount(): number {
    return this.collection?.count ?? 0;
  }
}

export interface SenderOptions {
  readonly streamName: string;
  readonly transport: Transport;
  readonly clock: Clock;
  /** Whose thread hashes aggregates. */
  readonly keys: KeyTable;
  /** Calls in flight at the most. */
  readonly connections: number;
  readonly wantsSequenceNumbers: boolean;
  readonly behaviour: Behaviour;
  /** What is in no use: calls of the same stream, and collections. */
  readonly freeRequests: Request[];
  readonly freeCollections: Collection[];
  readonly onSettled: (request: Request) => void;
  /** A record's time to live has ended before there was a connection for it; may send again. */
  readonly onExpired: (record: KinesisRecord) => void;
}

/**
 * Collections → PutRecords calls, at most `connections` at once. Collections beyond that wait in order; what bounds them
 * is the pipeline's limit on buffered bytes. Calls of one stream are not ordered among each other, as in the KPL.
 */
export class Sender implements Stage {
  readonly #options: SenderOptions;
  readonly #waiting: Collection[] = [];
  #waitingHead = 0;
  readonly #digests: DigestWriter;
  #inFlight = 0;
  /** Earliest expiration among the waiting; may be too early, never too late. */
  #expirationUs = Number.POSITIVE_INFINITY;

  constructor(options: SenderOptions) {
    this.#digests = new DigestWriter(options.keys.md5);
    const {
      streamName,
      transport,
      clock,
      keys,
      connections,
      wantsSequenceNumbers,
      behaviour,
      freeRequests,
      freeCollections,
      onSettled,
      onExpired,
    } = options;
    // Of one shape for all producers: what comes is put together in several places.
    this.#options = {
      streamName,
      transport,
      clock,
      keys,
      connections,
      wantsSequenceNumbers,
      behaviour,
      freeRequests,
      freeCollections,
      onSettled,
      onExpired,
    };
  }

  /** When a waiting record may expire. */
  get nextUs(): number {
    const { POSITIVE_INFINITY } = Number;
    if (this.#expirationUs === POSITIVE_INFINITY) return POSITIVE_INFINITY;
    return this.#options.behaviour.expiresUnsent ? this.#expirationUs : POSITIVE_INFINITY;
  }

  /** Gives up on records whose time to live has ended while they waited for a connection. */
  advance(nowUs: number): void {
    if (this.nextUs > nowUs) return;
    const expired = this.#takeFrom(
      (collection) => collection.expirationUs <= nowUs,
      (record) => record.expirationUs <= nowUs,
    );
    for (const record of expired) this.#options.onExpired(record);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** Collections closed and not sent. */
  get waiting(): number {
    return this.#waiting.length - this.#waitingHead;
  }

  /** A used collection for the collector, or null when none is at hand. */
  takeCollection(): Collection | null {
    return this.#options.freeCollections.pop() ?? null;
  }

  send(collection: Collection): void {
    const { connections, clock, behaviour } = this.#options;
    const nowUs = clock.nowUs();
    const isLate = behaviour.expiresUnsent && collection.expirationUs <= nowUs;
    // The way of nearly every call: no queue to pass.
    if (this.waiting === 0 && this.#inFlight < connections && !isLate) {
      this.#call(collection);
      return;
    }
    this.#waiting.push(collection);
    if (collection.expirationUs < this.#expirationUs) this.#expirationUs = collection.expirationUs;
    this.#pump();
  }

  /** Takes out the records that `isTaken` says yes to from the collections that were not sent. */
  takeWhere(
    isTaken: (record: KinesisRecord) => boolean,
    take: (record: KinesisRecord) => void,
  ): void {
    for (const record of this.#takeFrom(() => true, isTaken)) take(record);
  }

  /** Takes records out of those collections only that `isLookedAt` says yes to. */
  #takeFrom(
    isLookedAt: (collection: Collection) => boolean,
    isTaken: (record: KinesisRecord) => boolean,
  ): KinesisRecord[] {
    const collections = this.#waiting.splice(this.#waitingHead);
    this.#waiting.length = 0;
    this.#waitingHead = 0;
    this.#expirationUs = Number.POSITIVE_INFINITY;
    const taken: KinesisRecord[] = [];
    for (const collection of collections) {
      if (isLookedAt(collection)) {
        for (const record of collection.takeWhere(isTaken)) taken.push(record);
      }
      if (collection.count > 0) {
        this.#waiting.push(collection);
        this.#expirationUs = Math.min(this.#expirationUs, collection.expirationUs);
      } else this.#options.freeCollections.push(collection);
    }
    return taken;
  }

  #pump(): void {
    const { connections, clock } = this.#options;
    if (this.waiting === 0) return;
    this.advance(clock.nowUs());
    while (this.#inFlight < connections && this.#waitingHead < this.#waiting.length) {
      const collection = this.#waiting[this.#waitingHead++] as Collection;
      if (this.#waitingHead === this.#waiting.length) {
        this.#waiting.length = 0;
        this.#waitingHead = 0;
        this.#expirationUs = Number.POSITIVE_INFINITY;
      } else if (this.#waitingHead > 1024) {
        this.#waiting.splice(0, this.#waitingHead);
        this.#waitingHead = 0;
      }
      this.#call(collection);
    }
  }

  #call(collection: Collection): void {
    const { freeRequests, streamName, wantsSequenceNumbers, transport, clock } = this.#options;
    const request = freeRequests.pop() ?? new Request(streamName, wantsSequenceNumbers);
    request.onDone = this.#settle;
    request.collection = collection;
    request.answer.reset();
    this.#digests.write(collection.records, collection.count);
    // Not before: the digests are the producer's own time.
    request.sentUs = clock.nowUs();
    this.#inFlight++;
    transport.send(request, request.whenDone);
  }

  readonly #settle = (request: Request): void => {
    const { freeRequests, freeCollections } = this.#options;
    request.doneUs = this.#options.clock.nowUs();
    this.#inFlight--;
    this.#options.onSettled(request);
    const collection = request.collection as Collection;
    collection.clear();
    freeCollections.push(collection);
    request.collection = null;
    freeRequests.push(request);
    this.#pump();
  };
}

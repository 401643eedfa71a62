import { VirtualClock } from '../../src/core/virtual-clock.ts';
import type { PutRecordsRequest } from '../../src/kinesis/put-records.ts';
import type { Shard } from '../../src/kinesis/shard.ts';
import type { ProducerOptions } from '../../src/library/options.ts';
import { Producer } from '../../src/library/producer.ts';
import { acceptAll, evenShards, ScriptedTransport, type SentEntry } from '../producer/harness.ts';

/** What callers do in answer happens between steps. */
const STEP_US = 5000;

export type Answer = (request: PutRecordsRequest, entries: SentEntry[]) => void;

/** A producer in virtual time over a transport that answers as told. */
export class LibraryHarness {
  readonly clock = new VirtualClock();
  shards: readonly Shard[] = evenShards(4);
  listingError = '';
  answer: Answer;
  delayUs = 5000;
  readonly transport: ScriptedTransport;
  readonly producer: Producer;
  readonly lines: { level: string; fields: Record<string, unknown>; text: string }[] = [];

  constructor(options: ProducerOptions = { stream: 'test' }, openError: Error | null = null) {
    this.answer = acceptAll(() => this.shards);
    this.transport = new ScriptedTransport(
      this.clock,
      () => this.delayUs,
      (request, entries) => {
        this.answer(request, entries);
        for (let i = 0; i < entries.length; i++) request.answer.sequenceNumbers.push(`seq-${i}`);
      },
    );
    const log = (level: string) => (fields: object, text: string) => {
      this.lines.push({ level, fields: fields as Record<string, unknown>, text });
    };
    this.producer = new Producer(
      { logger: { info: log('info'), warn: log('warn'), error: log('error') }, ...options },
      {
        clock: this.clock,
        random: () => 0.5,
        openTransport: () =>
          openError === null ? Promise.resolve(this.transport) : Promise.reject(openError),
        openShardLister: () => (_stream, done) => {
          this.clock.setTimer(this.clock.nowUs() + 1000, () =>
            this.listingError === ''
              ? done(this.shards, '', '')
              : done(null, this.listingError, ''),
          );
        },
      },
    );
  }

  /** Lets virtual time pass, and all that follows from it. */
  async pass(ms: number): Promise<void> {
    const endUs = this.clock.nowUs() + ms * 1000;
    while (this.clock.nowUs() < endUs) {
      await new Promise(setImmediate);
      this.clock.runUntil(Math.min(endUs, this.clock.nowUs() + STEP_US));
    }
    await new Promise(setImmediate);
  }
}

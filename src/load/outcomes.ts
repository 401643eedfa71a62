import type { RecordBlock } from '../core/record-block.ts';
import { ON_DEMAND_STEP_BYTES, PUT_UNIT_BYTES } from '../kinesis/limits.ts';
import { NOT_ACCEPTED, REPEATED, UNCERTAIN } from '../measure/delivery-notes.ts';
import { COUNTER_INDEX } from '../measure/frame.ts';
import type { Recorder } from '../measure/recorder.ts';
import type { AttemptOutcome } from '../producer/decide.ts';
import type { CloseReason, KinesisRecord } from '../producer/kinesis-record.ts';
import type { Pipeline } from '../producer/pipeline.ts';
import type { PipelineObserver } from '../producer/pipeline-options.ts';
import type { Request } from '../producer/send.ts';
import { AcceptedRecords, type PhaseLatency } from './accepted-records.ts';

const CLOSED_BY: { readonly [reason in CloseReason]: number } = {
  count: COUNTER_INDEX['kinesisRecords.closedByCount'],
  size: COUNTER_INDEX['kinesisRecords.closedBySize'],
  time: COUNTER_INDEX['kinesisRecords.closedByTime'],
  flush: COUNTER_INDEX['kinesisRecords.closedByFlush'],
};

const ATTEMPTS: { readonly [outcome in AttemptOutcome]: number } = {
  accepted: COUNTER_INDEX['attempts.accepted'],
  throttled: COUNTER_INDEX['attempts.throttled'],
  internalFailure: COUNTER_INDEX['attempts.internalFailure'],
  wrongShard: COUNTER_INDEX['attempts.wrongShard'],
  requestError: COUNTER_INDEX['attempts.requestError'],
  unknown: COUNTER_INDEX['attempts.unknown'],
};

/** A record later than this counts as late (frame.ts, SelfDelta). */
const LATE_US = 1000;
/** Error samples a worker tells of for each code; all of them are counted. */
const SAMPLES_PER_CODE_MAX = 3;
const SAMPLED_CODES_MAX = 64;

/**
 * What happens to records, told to the recorder: the bridge between generate/, producer/ and measure/, which do not know
 * one another. A record belongs to the phase in which it was due, whenever it settles.
 *
 * HOT PATH: no allocation for each record.
 */
export class Outcomes {
  /** Records generated late since the last frame. */
  lateRecords = 0;
  readonly #recorder: Recorder;
  readonly #latency: (PhaseLatency | undefined)[] = [];
  readonly #samples = new Map<string, number>();
  readonly #accepted: AcceptedRecords;
  /** Accepted Kinesis records of one phase and shard that the recorder was not told of yet. */
  readonly #sum = {
    phase: 0,
    shard: -1,
    records: 0,
    bytes: 0,
    putUnits: 0,
    roundedKib: 0,
    sent: 0,
    userRecords: 0,
    sentBytes: 0,
  };

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
    this.#accepted = new AcceptedRecords(recorder, (phase) => this.#phase(phase));
  }

  /** Records of a block, all of one producer, that it has taken at `nowUs`. */
  generated(block: RecordBlock, from: number, to: number, nowUs: number): void {
    const { dueUs, payloadLength } = block;
    const recorder = this.#recorder;
    if (to > from) {
      const producer = block.producer[from] as number;
      recorder.delivery.offeredTo(producer, block.sequence[to - 1] as number);
    }
    for (let i = from; i < to; ) {
      const phase = recorder.phaseAt(dueUs, i);
      let bytes = 0;
      const first = i;
      do {
        if (nowUs - (dueUs[i] as number) > LATE_US) this.lateRecords++;
        bytes += payloadLength[i] as number;
        i++;
      } while (i < to && recorder.phaseAt(dueUs, i) === phase);
      recorder.add(phase, COUNTER_INDEX['userRecords.offered'], i - first);
      recorder.add(phase, COUNTER_INDEX['userRecords.bytesOffered'], bytes);
    }
  }

  /** Records that were due and that no producer took. */
  dropped(block: RecordBlock, from: number, to: number): void {
    const { delivery } = this.#recorder;
    for (let i = from; i < to; i++) {
      const producer = block.producer[i] as number;
      const sequence = block.sequence[i] as number;
      delivery.offeredTo(producer, sequence);
      delivery.note(NOT_ACCEPTED, producer, sequence);
      const phase = this.#recorder.phaseOf(block.dueUs[i] as number);
      this.#recorder.add(phase, COUNTER_INDEX['userRecords.offered'], 1);
      this.#recorder.add(phase, COUNTER_INDEX['userRecords.dropped'], 1);
      const bytes = block.payloadLength[i] as number;
      this.#recorder.add(phase, COUNTER_INDEX['userRecords.bytesOffered'], bytes);
    }
  }

  /**
   * Listens to one producer. `pipeline` is read when something happens, so it may be set afterwards.
   * @param producer its number among all of the run
   * @param onSettled some of its records have settled, or a call has
   */
  observe(producer: number, pipeline: () => Pipeline, onSettled: () => void): PipelineObserver {
    const phaseOf = (record: KinesisRecord) =>
      this.#recorder.phaseAt(pipeline().records.dueUs, record.firstSlot);
    return {
      closed: (record, reason) => {
        if (record.freshCount > 0) this.#recorder.add(phaseOf(record), CLOSED_BY[reason], 1);
      },
      requestEnded: (request) => {
        const first = request.entries[0];
        if (first !== undefined) this.#requestEnded(phaseOf(first), request);
        onSettled();
      },
      attempted: (record, outcome, code, shard, message) => {
        this.#attempted(phaseOf(record), record, outcome, code, shard, message);
        if (outcome === 'unknown' || outcome === 'wrongShard') {
          this.#noteAll(REPEATED, producer, pipeline(), record);
        }
      },
      accepted: (record, request) => {
        const { records } = pipeline();
        this.#accepted.add(records, record.firstSlot, request);
        this.#accepted.flush(records, request);
      },
      acceptedAll: (request) => this.#acceptedAll(pipeline(), request),
      givenUp: (slot, outcome) => {
        const { records } = pipeline();
        const phase = this.#recorder.phaseAt(records.dueUs, slot);
        const counter = outcome === 'failed' ? 'userRecords.failed' : 'userRecords.expired';
        this.#recorder.add(phase, COUNTER_INDEX[counter], 1);
        const hadUnknown = records.hadUnknown[slot] === 1;
        const kind = hadUnknown ? UNCERTAIN : NOT_ACCEPTED;
        this.#recorder.delivery.note(kind, producer, records.tag[slot] as number);
        if (hadUnknown) {
          this.#recorder.add(phase, COUNTER_INDEX['userRecords.uncertain'], 1);
        }
        onSettled();
      },
    };
  }

  /** The sequences of all user records of a Kinesis record. */
  #noteAll(kind: number, producer: number, { records }: Pipeline, record: KinesisRecord): void {
    const { next, tag } = records;
    for (let slot = record.firstSlot; slot >= 0; slot = next[slot] as number) {
      this.#recorder.delivery.note(kind, producer, tag[slot] as number);
    }
  }

  #requestEnded(phase: number, request: Request): void {
    const recorder = this.#recorder;
    const { answer, entryCount } = request;
    recorder.add(phase, COUNTER_INDEX['requests.sent'], 1);
    recorder.add(phase, COUNTER_INDEX['requests.records'], entryCount);
    recorder.add(phase, COUNTER_INDEX['requests.bytes'], answer.requestBodyBytes);
    if (answer.status === 'answered') {
      recorder.add(phase, COUNTER_INDEX['requests.succeeded'], 1);
      const isPartial = answer.refusedCount > 0 && answer.refusedCount < entryCount;
      if (isPartial) recorder.add(phase, COUNTER_INDEX['requests.partial'], 1);
    } else {
      recorder.add(phase, COUNTER_INDEX['requests.failed'], 1);
    }
    this.#phase(phase).request.record(request.doneUs - request.sentUs);
  }

  #attempted(
    phase: number,
    record: KinesisRecord,
    outcome: AttemptOutcome,
    code: string,
    shard: number,
    message: string,
  ): void {
    const recorder = this.#recorder;
    const bytes = record.wireBytes;
    recorder.add(phase, COUNTER_INDEX['attempts.records'], 1);
    recorder.add(phase, ATTEMPTS[outcome], 1);
    if (record.attempts === 1 && record.freshCount > 0) {
      recorder.add(phase, COUNTER_INDEX['kinesisRecords.sent'], 1);
      recorder.add(phase, COUNTER_INDEX['kinesisRecords.userRecords'], record.count);
      recorder.add(phase, COUNTER_INDEX['kinesisRecords.bytes'], bytes);
    }
    if (outcome === 'accepted' || outcome === 'wrongShard') {
      recorder.add(phase, COUNTER_INDEX['kinesisRecords.accepted'], 1);
      recorder.add(phase, COUNTER_INDEX['kinesisRecords.bytesAccepted'], bytes);
      recorder.add(
        phase,
        COUNTER_INDEX['kinesisRecords.putUnits'],
        Math.ceil(bytes / PUT_UNIT_BYTES),
      );
      recorder.add(
        phase,
        COUNTER_INDEX['kinesisRecords.roundedKib'],
        Math.ceil(bytes / ON_DEMAND_STEP_BYTES),
      );
      if (shard >= 0) recorder.shardAccepted(phase, shard, 1, bytes);
    }
    if (outcome === 'accepted') return;
    recorder.errorCode(phase, code, 1);
    if (outcome === 'throttled' && shard >= 0) recorder.shardThrottled(phase, shard, 1);
    this.#sample(outcome, code, message, record.sentUs);
  }

  /** What {@link PipelineObserver.attempted} and `accepted` would tell of each of its records, added up first. */
  #acceptedAll({ records }: Pipeline, request: Request): void {
    const recorder = this.#recorder;
    const { entries, entryCount, answer } = request;
    const { shardNumber } = answer;
    const sum = this.#sum;
    for (let entry = 0; entry < entryCount; entry++) {
      const record = entries[entry] as KinesisRecord;
      const phase = recorder.phaseAt(records.dueUs, record.firstSlot);
      const shard = shardNumber[entry] as number;
      if (phase !== sum.phase || shard !== sum.shard) this.#tellSum(phase, shard);
      const bytes = record.wireBytes;
      sum.records++;
      sum.bytes += bytes;
      sum.putUnits += Math.ceil(bytes / PUT_UNIT_BYTES);
      sum.roundedKib += Math.ceil(bytes / ON_DEMAND_STEP_BYTES);
      if (record.attempts === 0 && record.freshCount > 0) {
        sum.sent++;
        sum.userRecords += record.count;
        sum.sentBytes += bytes;
      }
      this.#accepted.add(records, record.firstSlot, request);
    }
    this.#tellSum(0, -1);
    this.#accepted.flush(records, request);
  }

  /** Tells the recorder of what was added up, and begins anew for a phase and a shard. */
  #tellSum(phase: number, shard: number): void {
    const recorder = this.#recorder;
    const sum = this.#sum;
    if (sum.records > 0) {
      recorder.add(sum.phase, COUNTER_INDEX['attempts.records'], sum.records);
      recorder.add(sum.phase, COUNTER_INDEX['attempts.accepted'], sum.records);
      recorder.add(sum.phase, COUNTER_INDEX['kinesisRecords.sent'], sum.sent);
      recorder.add(sum.phase, COUNTER_INDEX['kinesisRecords.userRecords'], sum.userRecords);
      recorder.add(sum.phase, COUNTER_INDEX['kinesisRecords.bytes'], sum.sentBytes);
      recorder.add(sum.phase, COUNTER_INDEX['kinesisRecords.accepted'], sum.records);
      recorder.add(sum.phase, COUNTER_INDEX['kinesisRecords.bytesAccepted'], sum.bytes);
      recorder.add(sum.phase, COUNTER_INDEX['kinesisRecords.putUnits'], sum.putUnits);
      recorder.add(sum.phase, COUNTER_INDEX['kinesisRecords.roundedKib'], sum.roundedKib);
      recorder.shardAccepted(sum.phase, sum.shard, sum.records, sum.bytes);
    }
    sum.phase = phase;
    sum.shard = shard;
    sum.records = 0;
    sum.bytes = 0;
    sum.putUnits = 0;
    sum.roundedKib = 0;
    sum.sent = 0;
    sum.userRecords = 0;
    sum.sentBytes = 0;
  }

  #phase(phase: number): PhaseLatency {
    let latency = this.#latency[phase];
    if (latency === undefined) {
      const recorder = this.#recorder;
      latency = {
        response: recorder.latency(phase, 'response'),
        lateness: recorder.latency(phase, 'lateness'),
        buffering: recorder.latency(phase, 'buffering'),
        retry: recorder.latency(phase, 'retry'),
        service: recorder.latency(phase, 'service'),
        request: recorder.requestLatency(phase),
      };
      this.#latency[phase] = latency;
    }
    return latency;
  }

  /** The first few errors of each code, for events.jsonl. */
  #sample(outcome: AttemptOutcome, code: string, message: string, atUs: number): void {
    const seen = this.#samples.get(code) ?? 0;
    if (seen >= SAMPLES_PER_CODE_MAX) return;
    if (seen === 0 && this.#samples.size >= SAMPLED_CODES_MAX) return;
    this.#samples.set(code, seen + 1);
    const kind = outcome === 'throttled' ? 'throttle' : 'error';
    this.#recorder.event({ atUs, kind, message: message === '' ? code : `${code}: ${message}` });
  }
}

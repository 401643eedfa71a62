import { describe, expect, it } from 'vitest';
import { packFrame, unpackFrame } from '../../src/measure/codec.ts';
import { COUNTER_INDEX } from '../../src/measure/frame.ts';
import {
  ERROR_CODES_MAX,
  EVENTS_PER_FRAME_MAX,
  OTHER_ERROR_CODES,
  Recorder,
} from '../../src/measure/recorder.ts';
import { UNWATCHED } from '../../src/measure/self-watch.ts';

const PHASES = [
  { startUs: 0, endUs: 1000 },
  { startUs: 1000, endUs: 5000 },
];
const newRecorder = () => new Recorder({ worker: 3, phases: PHASES });

describe('Recorder', () => {
  it.each([
    [-5, 0],
    [0, 0],
    [999.9, 0],
    [1000, 1],
    [4999, 1],
    [5000, 1],
    [1e9, 1],
  ])('puts a record due at %d us in phase %d, whatever was asked before', (dueUs, phase) => {
    const recorder = newRecorder();
    for (const before of [0, 1e9, 0, 4999]) {
      recorder.phaseOf(before);
      expect(recorder.phaseOf(dueUs)).toBe(phase);
    }
  });

  it('gives everything that was counted once, and nothing in the next frame', () => {
    const recorder = newRecorder();
    recorder.add(0, COUNTER_INDEX['userRecords.offered'], 2);
    recorder.add(0, COUNTER_INDEX['userRecords.offered'], 3);
    recorder.add(1, COUNTER_INDEX['attempts.unknown'], 1);
    recorder.latency(1, 'response').record(50);
    recorder.requestLatency(1).record(7);
    recorder.errorCode(1, 'InternalFailure', 4);
    recorder.errorCode(1, 'InternalFailure', 1);
    recorder.shardAccepted(1, 20, 2, 300);
    recorder.shardAccepted(1, 20, 1, 50);
    recorder.shardThrottled(0, 1, 9);
    recorder.event({ atUs: 4, kind: 'phase', message: 'hold' });

    const frame = recorder.takeFrame(0, 1000, UNWATCHED, false);
    expect(frame).toMatchObject({ worker: 3, sequence: 0, startUs: 0, endUs: 1000, isLast: false });
    expect(frame.phases.map((delta) => delta.phase)).toEqual([0, 1]);
    expect(frame.phases[0]?.counters[COUNTER_INDEX['userRecords.offered']]).toBe(5);
    expect(frame.phases[1]?.latency.response?.slots).toEqual(Uint32Array.of(50, 1));
    expect(frame.phases[1]?.latency.service).toBeUndefined();
    expect(frame.phases[1]?.requestLatency?.slots).toEqual(Uint32Array.of(7, 1));
    expect(frame.phases[1]?.errorCodes).toEqual({ InternalFailure: 5 });
    expect(frame.shards).toEqual([
      { phase: 0, shard: 1, records: 0, bytes: 0, throttled: 9 },
      { phase: 1, shard: 20, records: 3, bytes: 350, throttled: 0 },
    ]);
    expect(frame.events).toHaveLength(1);

    const next = recorder.takeFrame(1000, 2000, UNWATCHED, true);
    expect(next).toMatchObject({ sequence: 1, phases: [], shards: [], events: [], isLast: true });
  });

  it('keeps handing out the same histogram', () => {
    const recorder = newRecorder();
    const response = recorder.latency(0, 'response');
    response.record(1);
    recorder.takeFrame(0, 1, UNWATCHED, false);
    expect(recorder.latency(0, 'response')).toBe(response);
    response.record(2);
    expect(recorder.takeFrame(1, 2, UNWATCHED, false).phases[0]?.latency.response?.sumUs).toBe(2);
  });

  it('bounds error codes and events, and says what it left out', () => {
    const recorder = newRecorder();
    for (let i = 0; i < ERROR_CODES_MAX + 5; i++) recorder.errorCode(0, `Code${i}`, 1);
    for (let i = 0; i < EVENTS_PER_FRAME_MAX + 3; i++) {
      recorder.event({ atUs: i, kind: 'error', message: `${i}` });
    }
    const frame = recorder.takeFrame(0, 9, UNWATCHED, false);
    expect(frame.phases[0]?.errorCodes[OTHER_ERROR_CODES]).toBe(5);
    expect(frame.events).toHaveLength(EVENTS_PER_FRAME_MAX + 1);
    expect(frame.events.at(-1)).toEqual({
      atUs: 9,
      kind: 'events-dropped',
      message: '3 more events in this interval are not kept',
    });
  });
});

describe('packFrame', () => {
  it('carries a frame unchanged, typed arrays included', () => {
    const recorder = newRecorder();
    recorder.add(0, COUNTER_INDEX['userRecords.bytesOffered'], 2 ** 40 + 0.5);
    recorder.latency(0, 'lateness').recordCount(3_000_000_000, 70_000);
    recorder.errorCode(0, 'InternalFailure', 1);
    recorder.shardAccepted(0, 4000, 1, 2 ** 33);
    recorder.event({ atUs: 1.25, kind: 'fehler', message: 'größer' });
    const frame = recorder.takeFrame(0.5, 1_000_000.25, UNWATCHED, true);
    const packed = packFrame(frame);
    expect(packed.byteLength).toBe(packed.buffer.byteLength);
    const back = unpackFrame(packed);
    expect(back.phases[0]?.counters).toBeInstanceOf(Float64Array);
    expect(back.phases[0]?.latency.lateness?.slots).toBeInstanceOf(Uint32Array);
    expect(back).toEqual(frame);
  });
});

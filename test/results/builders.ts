import { COUNTER_INDEX, type Counter, type SelfDelta } from '../../src/measure/frame.ts';
import type { Interval } from '../../src/measure/interval.ts';
import { FrameMerger, type MergedEvent } from '../../src/measure/merge.ts';
import { buildSummary, type SummaryInput } from '../../src/results/build-summary.ts';
import type { ShareFile } from '../../src/results/share-file.ts';
import type { Summary } from '../../src/results/summary.ts';
import { FakeWorker } from '../measure/builders.ts';

const SECOND = 1_000_000;

/** What each second of a pretended run looks like; everything is by worker and second. */
interface Second {
  readonly offered?: number;
  readonly accepted?: number;
  /** Of those not accepted; the rest failed. */
  readonly dropped?: number;
  readonly latenessUs?: number;
  readonly bufferingUs?: number;
  readonly retryUs?: number;
  readonly serviceUs?: number;
  readonly self?: Partial<SelfDelta>;
}

export interface PretendedRun {
  readonly workers?: number;
  /** Seconds of each phase; the first is not measured when there are two or more. */
  readonly phaseSeconds?: readonly number[];
  readonly second?: (second: number, worker: number) => Second;
  /** Seconds after the last phase. */
  readonly drainSeconds?: number;
  readonly input?: Partial<SummaryInput>;
  readonly onInterval?: (interval: Interval) => void;
  readonly onEvent?: (event: MergedEvent) => void;
}

/** A run of 100 records a second and worker, 5 ms each, unless told otherwise. */
export function pretend(run: PretendedRun = {}): { input: SummaryInput; summary: Summary } {
  const { workers = 1, phaseSeconds = [2, 10], drainSeconds = 0 } = run;
  const ends: number[] = [];
  for (const seconds of phaseSeconds) ends.push((ends.at(-1) ?? 0) + seconds * SECOND);
  const phases = ends.map((endUs, i) => ({
    name: ['warm-up', 'hold', 'peak'][i] ?? `phase-${i}`,
    startUs: ends[i - 1] ?? 0,
    endUs,
    isMeasured: i > 0 || ends.length === 1,
    scheduled: (phaseSeconds[i] ?? 0) * 100 * workers,
    isConstantRate: true,
  }));
  const { onInterval = () => undefined, onEvent = () => undefined } = run;
  const merger = new FrameMerger({ workers, phases, onInterval, onEvent });
  const lastSecond = (ends.at(-1) ?? 0) / SECOND + drainSeconds;
  for (let worker = 0; worker < workers; worker++) {
    const fake = new FakeWorker(worker, ends);
    for (let second = 0; second < lastSecond; second++) {
      const what = run.second?.(second, worker) ?? {};
      const phase = fake.recorder.phaseOf(second * SECOND);
      const isDrain = second * SECOND >= (ends.at(-1) ?? 0);
      recordSecond(fake, phase, isDrain ? { offered: 0, accepted: 0, ...what } : what);
      const self = { cpuUs: 250_000, eventLoopUtilisation: 0.3, rssBytes: 50e6, ...what.self };
      merger.add(fake.frame((second + 1) * SECOND, self, second + 1 === lastSecond));
    }
  }
  merger.flush();
  const input: SummaryInput = {
    run: {
      id: '20260102T030405Z-clickstream-0000ff',
      name: 'clickstream',
      scenario: 'clickstream',
      startedAt: '2026-01-02T03:04:05.678Z',
      durationMs: lastSecond * 1000,
      seed: 42,
      workers,
      producers: workers,
      target: 'simulator',
      transport: 'direct',
      protocol: 'cbor',
      tags: { team: 'web' },
    },
    status: 'completed',
    phases,
    merger,
    stoppedUs: null,
    stopWhen: null,
    isVirtual: false,
    shards: [0, 1],
    invalidReasons: [],
    thresholds: [],
    cost: null,
    ...run.input,
  };
  return { input, summary: buildSummary(input) };
}

function recordSecond({ recorder }: FakeWorker, phase: number, second: Second): void {
  const { offered = 100, accepted = offered, dropped = 0 } = second;
  const { latenessUs = 100, bufferingUs = 1900, retryUs = 0, serviceUs = 3000 } = second;
  const responseUs = latenessUs + bufferingUs + retryUs + serviceUs;
  const add = (counter: Counter, amount: number) =>
    recorder.add(phase, COUNTER_INDEX[counter], amount);
  add('userRecords.offered', offered);
  add('userRecords.bytesOffered', offered * 200);
  add('userRecords.accepted', accepted);
  add('userRecords.bytesAccepted', accepted * 200);
  add('userRecords.dropped', dropped);
  add('userRecords.failed', Math.max(0, offered - accepted - dropped));
  if (accepted === 0) return;
  recorder.latency(phase, 'lateness').recordCount(latenessUs, accepted);
  recorder.latency(phase, 'response').recordCount(responseUs, accepted);
  recorder.latency(phase, 'buffering').recordCount(bufferingUs, accepted);
  recorder.latency(phase, 'retry').recordCount(retryUs, accepted);
  recorder.latency(phase, 'service').recordCount(serviceUs, accepted);
  recorder.requestLatency(phase).recordCount(serviceUs, 10);
  add('kinesisRecords.sent', 20);
  add('kinesisRecords.accepted', 20);
  add('kinesisRecords.userRecords', accepted);
  add('kinesisRecords.bytes', accepted * 210);
  add('kinesisRecords.bytesAccepted', accepted * 210);
  add('kinesisRecords.closedByTime', 15);
  add('kinesisRecords.closedBySize', 5);
  add('kinesisRecords.putUnits', 20);
  add('kinesisRecords.roundedKib', 40);
  add('requests.sent', 10);
  add('requests.succeeded', 8);
  add('requests.failed', 2);
  add('requests.partial', 2);
  add('requests.records', 22);
  add('requests.bytes', 30_000);
  add('attempts.records', 22);
  add('attempts.accepted', 20);
  add('attempts.throttled', 1);
  add('attempts.internalFailure', 1);
  recorder.errorCode(phase, 'ProvisionedThroughputExceededException', 1);
  recorder.errorCode(phase, 'InternalFailure', 1);
  recorder.shardAccepted(phase, 0, 15, accepted * 150);
  recorder.shardAccepted(phase, 1, 5, accepted * 60);
  recorder.shardThrottled(phase, 0, 1);
}

/** share.json of one of three shares. */
export function share(index: number, changes: Partial<ShareFile> = {}): ShareFile {
  return {
    schema: 'shardstorm.share/1',
    runId: `run-${index}`,
    index,
    count: 3,
    fleetId: 'f',
    scenarioHash: 'h',
    version: '1.0.0',
    startAt: '2026-11-23T18:00:00.000Z',
    originEpochUs: 1_790_000_000_000_000,
    startedLateUs: 300,
    clock: null,
    workers: 2,
    producers: 6,
    phases: [],
    target: 'http://127.0.0.1:4567',
    mode: 'provisioned',
    transport: 'direct',
    protocol: 'cbor',
    isVirtual: false,
    offered: 10,
    accepted: 10,
    status: 'completed',
    invalidReasons: [],
    warnings: [],
    durationUs: 1e7,
    stoppedUs: null,
    openShards: [0],
    openShardStarts: [0],
    verdict: 'valid',
    framesSha256: '',
    ...changes,
  };
}

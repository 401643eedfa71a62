import { describe, expect, it } from 'vitest';
import { SelfWatch } from '../../src/measure/self-watch.ts';
import { readCpu } from '../../src/measure/thread-cpu.ts';

const LOAD = { lateRecords: 3, outstandingRecords: 4, bufferedBytes: 5, backPressureUs: 6 };

/** Uses the CPU until the thread's own reading has grown, bounded. */
function burn(): void {
  const before = readCpu().us;
  for (let i = 0; i < 1e9 && readCpu().us === before; i++) Math.sqrt(i);
}

describe('SelfWatch', () => {
  it('reports the CPU time used since the last call, and what the load loop told', () => {
    const watch = new SelfWatch();
    burn();
    const first = watch.take(LOAD);
    watch.stop();
    expect(first).toMatchObject(LOAD);
    expect(first.cpuUs).toBeGreaterThan(0);
    expect(first.rssBytes).toBeGreaterThan(1_000_000);
    expect(first.eventLoopUtilisation).toBeGreaterThanOrEqual(0);
    expect(first.eventLoopUtilisation).toBeLessThanOrEqual(1);
    expect(first.eventLoopDelayP99Us).toBeGreaterThanOrEqual(0);
  });

  it('never reports time twice', () => {
    const before = readCpu().us;
    const watch = new SelfWatch();
    burn();
    const sum = watch.take(LOAD).cpuUs + watch.take(LOAD).cpuUs + watch.take(LOAD).cpuUs;
    watch.stop();
    expect(sum).toBeLessThanOrEqual(readCpu().us - before);
  });
});

describe('readCpu', () => {
  it('tells a thread apart from the process on Linux', () => {
    const { scope } = readCpu();
    expect(scope).toBe(process.platform === 'linux' ? 'thread' : scope);
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Calibration } from '../../src/cli/calibration.ts';
import { OutFolder, run, SCENARIOS } from '../system/program.ts';

let out: OutFolder;
beforeEach(() => {
  out = new OutFolder();
});
afterEach(() => out.remove());

it('calibrates, and finds the injected latencies again', async () => {
  const file = join(out.path, 'calibration.json');
  const words = ['calibrate', '--workers', '1', '--seconds', '1', '--json', '--quiet'];
  const { code, stdout, stderr } = await run([...words, '--out', file]);
  expect(stderr).toBe('');
  const figures: Calibration = JSON.parse(stdout);
  expect(figures).toMatchObject({ schema: 'shardstorm.calibration/1', workers: 1 });
  expect(figures.clock.resolutionUs).toBeGreaterThan(0);
  expect(figures.ceiling.recordsPerSecond).toBeGreaterThan(1000);
  expect(figures.ceiling.recordsPerCpuSecond).toBeGreaterThan(1000);
  expect(figures.pacing).toHaveLength(4);
  expect(figures.floor.p50Us).toBeGreaterThan(0);
  // A busy machine may add to a latency, which the exit code says; nothing may take from it.
  for (const { injectedUs, serviceP50Us } of figures.known) {
    expect(serviceP50Us).toBeGreaterThanOrEqual(injectedUs);
  }
  expect(code).toBe(figures.known.every(({ recovered }) => recovered) ? 0 : 4);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(figures);
  const ceiling = join(SCENARIOS, 'ceiling.yaml');
  const results = ['--out', join(out.path, 'results'), '--calibration', file];
  const beside = await run(['run', ceiling, '--workers', '1', '--duration', '1s', ...results]);
  expect(beside.stdout).toMatch(/% of the ceiling of [\d,]+\/s · calibrated 20/);
  expect(beside.stdout).toContain('instrument floor p50');
});

it.each([
  ['--seconds', '0'],
  ['--seconds', 'x'],
  ['--workers', '0'],
])('refuses %s %s before it measures', async (flag, value) => {
  const file = join(out.path, 'calibration.json');
  const { code, stderr } = await run(['calibrate', flag, value, '--out', file]);
  expect(code).toBe(2);
  expect(stderr).toContain(`${flag} ${value}: expected`);
  expect(existsSync(file)).toBe(false);
});

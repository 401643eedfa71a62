import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Calibration } from '../../src/cli/calibration.ts';
import {
  calibrationPath,
  readCalibration,
  requireWritable,
  thisMachine,
  writeCalibration,
} from '../../src/cli/calibration-file.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shardstorm-calibration-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const calibrationOf = (machine = thisMachine()): Calibration => ({
  schema: 'shardstorm.calibration/1',
  at: '2026-01-02T03:04:05.678Z',
  machine,
  workers: 2,
  clock: {
    resolutionUs: 0.04,
    readingUs: 0.2,
    timer: { p50Us: 550, p99Us: 1100 },
    pacer: { p50Us: 36, p99Us: 140 },
  },
  ceiling: { recordsPerSecond: 1_200_000, recordsPerCpuSecond: 1_900_000, cpuWaitShare: 0 },
  pacing: [],
  floor: { p50Us: 320, p99Us: 900, p99RangeUs: 100 },
  known: [],
  noise: 0.05,
});

describe('the calibration of a machine', () => {
  it('is known to have a place before it is measured, and leaves what is there', () => {
    const place = join(folder, 'new', 'calibration.json');
    requireWritable(place);
    expect(existsSync(place)).toBe(false);
    writeCalibration(place, calibrationOf());
    requireWritable(place);
    expect(readCalibration(place, {})).toMatchObject({ workers: 2 });
    mkdirSync(join(folder, 'a-folder'));
    expect(() => requireWritable(join(folder, 'a-folder'))).toThrow(/cannot write .*a-folder/);
    expect(() => requireWritable(join(place, 'below.json'))).toThrow(/cannot write/);
  });

  it('is found again by runs, in the cache folder of the user', () => {
    const environment = { XDG_CACHE_HOME: folder };
    expect(readCalibration(null, environment)).toBeNull();
    const path = calibrationPath(environment);
    expect(path).toBe(join(folder, 'shardstorm/calibration.json'));
    writeCalibration(path, calibrationOf());
    expect(readCalibration(null, environment)).toEqual({
      at: '2026-01-02T03:04:05.678Z',
      workers: 2,
      ceilingPerSecond: 1_200_000,
      floorP50Us: 320,
      floorP99Us: 900,
    });
    expect(readCalibration('off', environment)).toBeNull();
  });

  it('of another machine or another Node says nothing here, and is refused when it is named', () => {
    const path = calibrationPath({ XDG_CACHE_HOME: folder });
    writeCalibration(path, calibrationOf({ ...thisMachine(), node: '18.0.0' }));
    expect(readCalibration(null, { XDG_CACHE_HOME: folder })).toBeNull();
    expect(() => readCalibration(path, {})).toThrow('is of another machine: node 18.0.0');
  });

  it('is refused when the file that is named holds something else', () => {
    const path = join(folder, 'other.json');
    expect(() => readCalibration(path, {})).toThrow('ENOENT');
    writeFileSync(path, '{"schema":"other"}');
    expect(() => readCalibration(path, {})).toThrow('cannot be read');
  });

  it('tells where it cannot be kept', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => writeCalibration(join(folder, 'file/x.json'), calibrationOf())).toThrow(
      'cannot write',
    );
  });
});

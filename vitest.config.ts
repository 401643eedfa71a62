import { defineConfig } from 'vitest/config';

const BUILT = {
  pool: 'forks',
  testTimeout: 120_000,
  hookTimeout: 120_000,
  globalSetup: 'test/system/build.ts',
} as const;

/**
 * Projects. First, as many at once as there are cores: unit (pure), simulation (seeded faults), interop (parts not written
 * here, real sockets), offline (the built program where no wall clock matters). Then system: the built program under a real
 * clock at low rates, two files at once. Last, alone on the machine: timing, whose expectations are figures of a measurement.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['simulation', 'interop', 'offline', 'system', 'timing', 'slurm'].map(
            (folder) => `test/${folder}/**`,
          ),
          pool: 'threads',
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'simulation',
          include: ['test/simulation/**/*.test.ts'],
          pool: 'threads',
          testTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'interop',
          include: ['test/interop/**/*.test.ts'],
          pool: 'forks',
          testTimeout: 60_000,
        },
      },
      { test: { ...BUILT, name: 'offline', include: ['test/offline/**/*.test.ts'] } },
      {
        test: {
          ...BUILT,
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...BUILT,
          name: 'timing',
          include: ['test/timing/**/*.test.ts'],
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
      // A cluster of its own, and starts that must be near each other: last, and nothing beside it.
      {
        test: {
          ...BUILT,
          name: 'slurm',
          include: ['test/slurm/**/*.test.ts'],
          fileParallelism: false,
          maxWorkers: 1,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});

/** What `calibrate` finds: the file's shape, `shardstorm.calibration/1`. Times in microseconds unless named otherwise. */
import { z } from 'zod';

const number = z.number();
const lateness = z.object({ p50Us: number, p99Us: number });

export const calibrationSchema = z.object({
  schema: z.literal('shardstorm.calibration/1'),
  /** When it was made, ISO 8601. */
  at: z.iso.datetime(),
  machine: z.object({ cpuModel: z.string(), cpuCount: number, node: z.string() }),
  workers: number,
  clock: z.object({
    /** The smallest step between two readings, and what one reading costs. */
    resolutionUs: number,
    readingUs: number,
    /** How late the event loop's timers fire, and those that the load is paced by. */
    timer: lateness,
    pacer: lateness,
  }),
  /** How aggregates and keys are hashed on this machine. */
  md5: z.enum(['simd', 'openssl']).optional(),
  ceiling: z.object({
    recordsPerSecond: number,
    recordsPerCpuSecond: number,
    /** Share of the time in which the load threads had no core: other programs were in the way. */
    cpuWaitShare: number,
  }),
  /** How late records are made at shares of the ceiling. */
  pacing: z.array(
    z.object({
      share: number,
      perSecond: number,
      latenessP50Us: number,
      latenessP99Us: number,
      /** Cores that the load threads used. */
      cores: number,
      onTime: z.boolean(),
    }),
  ),
  /** Response time of single records when the target answers at once, of several runs. */
  floor: z.object({ p50Us: number, p99Us: number, p99RangeUs: number }),
  /** Latencies that were known beforehand, and what was measured of them. */
  known: z.array(
    z.object({
      injectedUs: number,
      serviceP50Us: number,
      serviceP99Us: number,
      recovered: z.boolean(),
    }),
  ),
  /** Share by which CPU per record differs between equal runs. */
  noise: number,
});

export type Calibration = z.infer<typeof calibrationSchema>;
export type PacingFigures = Calibration['pacing'][number];
export type KnownLatency = Calibration['known'][number];

/** The JSON Schema (draft 2020-12) of a calibration. */
export function calibrationJsonSchema(): object {
  return {
    $id: 'https://unpkg.com/shardstorm/schema/calibration.schema.json',
    title: 'Shardstorm calibration: what a machine and this tool can measure',
    ...z.toJSONSchema(calibrationSchema, { io: 'input' }),
  };
}

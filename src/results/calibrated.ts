/**
 * A run beside the calibration of its machine. In: what `calibrate` found, what was offered and accepted. Out: a part of
 * summary.json, and a finding where the machine may have been the limit.
 */
import type { CalibrationSummary, Measures } from './summary.ts';
import type { Finding } from './warnings.ts';

/** What a run needs to know of a calibration. */
export interface MachineCalibration {
  /** ISO 8601. */
  readonly at: string;
  /** Load threads that the ceiling was measured with. */
  readonly workers: number;
  /** 100-byte records a second against a target that answers at once. */
  readonly ceilingPerSecond: number;
  readonly floorP50Us: number;
  readonly floorP99Us: number;
}

/** Below this share of the offered records something was the limit … */
const ACHIEVED_MIN = 0.99;
/** … and it may have been the generator when it was asked for more than this share of its ceiling. */
const CEILING_SHARE_MAX = 0.5;

/**
 * @param workers load threads of the run
 * @param perSecond the highest offered rate of a measured phase
 */
export function besideCalibration(
  calibration: MachineCalibration,
  workers: number,
  perSecond: number,
): CalibrationSummary {
  const { at, floorP50Us, floorP99Us } = calibration;
  // Fewer threads make their part of it, at least; more were not measured.
  const isCovered = workers <= calibration.workers;
  const ceilingPerSecond = isCovered
    ? (calibration.ceilingPerSecond * workers) / calibration.workers
    : null;
  const ceilingShare =
    ceilingPerSecond === null || ceilingPerSecond === 0 ? null : perSecond / ceilingPerSecond;
  return { at, ceilingPerSecond, ceilingShare, floorP50Us, floorP99Us };
}

/** Less was accepted than offered, by a generator near its ceiling: which of the two was the limit cannot be told. */
export function checkCeiling(
  calibration: CalibrationSummary | null,
  { offered, accepted }: Measures['userRecords'],
): Finding[] {
  const share = calibration?.ceilingShare ?? 0;
  if (offered === 0 || accepted >= ACHIEVED_MIN * offered || share <= CEILING_SHARE_MAX) return [];
  return [{ kind: 'near-ceiling', share, achieved: accepted / offered }];
}

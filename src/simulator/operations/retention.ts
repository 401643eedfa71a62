import { invalidArgument } from '../core/service-error.ts';
import type { Simulator } from '../core/simulator.ts';
import type { Stream } from '../core/stream.ts';
import { requireActive, update } from './stream-state.ts';

const HOURS_MIN = 24;
const HOURS_MAX = 8760;

/** @throws ServiceError InvalidArgumentException for hours out of range or in the wrong direction */
export function checkRetention(
  stream: Stream,
  hours: number,
  direction: 'increase' | 'decrease',
): void {
  if (hours < HOURS_MIN) {
    throw invalidArgument(
      `Minimum allowed retention period is ${HOURS_MIN} hours. ` +
        `Requested retention period (${hours} hours) is too short.`,
    );
  }
  if (hours > HOURS_MAX) {
    throw invalidArgument(
      `Maximum allowed retention period is ${HOURS_MAX} hours. ` +
        `Requested retention period (${hours} hours) is too long.`,
    );
  }
  const now = stream.retentionHours;
  const requested = `Requested retention period (${hours} hours) for stream ${stream.name}`;
  if (direction === 'increase' && hours < now) {
    throw invalidArgument(
      `${requested} can not be shorter than existing retention period (${now} hours). ` +
        'Use DecreaseRetentionPeriod API.',
    );
  }
  if (direction === 'decrease' && hours > now) {
    throw invalidArgument(
      `${requested} can not be longer than existing retention period (${now} hours). ` +
        'Use IncreaseRetentionPeriod API.',
    );
  }
}

/** Changes the retention after a time in UPDATING. */
export function setRetention(simulator: Simulator, stream: Stream, hours: number): void {
  requireActive(simulator, stream);
  update(simulator, stream, () => {
    stream.retentionHours = hours;
  });
}

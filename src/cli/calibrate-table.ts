import { formatCount, formatDurationUs, formatPercent } from '../core/units.ts';
import type { Calibration } from './calibration.ts';

/** Load threads without a core for this share of the time: another program was in the way. */
const NOISY_SHARE = 0.1;

const MD5_WORDS = {
  simd: 'eight messages at once, WebAssembly vectors',
  openssl: 'one at a time, OpenSSL: vectors do not work here',
} as const;

/** A calibration for people: the figures, and what they mean for a run. */
export function calibrationTable(calibration: Calibration): string {
  const { clock, md5, ceiling, pacing, floor, known, noise } = calibration;
  const half = pacing.find(({ share }) => share === 0.5);
  const lines = [
    'Clock',
    row('resolution', time(clock.resolutionUs)),
    row('one reading', time(clock.readingUs)),
    row('timer, late', `p50 ${time(clock.timer.p50Us)}  p99 ${time(clock.timer.p99Us)}`),
    row('pacer, late', `p50 ${time(clock.pacer.p50Us)}  p99 ${time(clock.pacer.p99Us)}`),
    '',
    `Ceiling  100-byte records, null target, ${workers(calibration.workers)}`,
    row('records a second', formatCount(ceiling.recordsPerSecond)),
    row('records a CPU-second', formatCount(ceiling.recordsPerCpuSecond)),
    ...(md5 === undefined ? [] : [row('MD5', MD5_WORDS[md5])]),
    row('between equal runs', `±${formatPercent(noise / 2)}`),
    '',
    'Lateness  share of the ceiling, rate, lateness, cores used',
    ...pacing.map(({ share, perSecond, latenessP50Us, latenessP99Us, cores, onTime }) =>
      row(
        formatPercent(share),
        [
          `${formatCount(perSecond)}/s`.padStart(13),
          `p50 ${time(latenessP50Us)}`.padEnd(12),
          `p99 ${time(latenessP99Us)}`.padEnd(12),
          cores.toFixed(2),
          onTime ? 'on time' : 'LATE',
        ].join('  '),
      ),
    ),
    '',
    'Floor  single records, target that answers at once',
    row(
      'response',
      `p50 ${time(floor.p50Us)}  p99 ${time(floor.p99Us)}, of ${time(floor.p99RangeUs)} spread`,
    ),
    '',
    'Known latencies  injected by the simulator, found again as service time',
    ...known.map(({ injectedUs, serviceP50Us, serviceP99Us, recovered }) =>
      row(
        time(injectedUs),
        `p50 ${time(serviceP50Us)}  p99 ${time(serviceP99Us)}  ${recovered ? 'found' : 'NOT FOUND'}`,
      ),
    ),
    '',
    `Measure below ${formatCount(ceiling.recordsPerSecond / 2)} records/s on this machine${
      half?.onTime === false ? ', and expect lateness there already' : ''
    }; differences below ${time(Math.max(floor.p50Us, floor.p99RangeUs))} are the instrument's.`,
  ];
  if (ceiling.cpuWaitShare > NOISY_SHARE) {
    const share = formatPercent(ceiling.cpuWaitShare);
    lines.push(
      `Other programs had the cores ${share} of the time: close them and calibrate again.`,
    );
  }
  return lines.join('\n');
}

const LABEL_WIDTH = 22;

function row(label: string, value: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${value}`.trimEnd();
}

function time(us: number): string {
  return us < 1 ? `${Math.round(us * 1000)}ns` : formatDurationUs(us);
}

function workers(count: number): string {
  return count === 1 ? '1 worker' : `${count} workers`;
}

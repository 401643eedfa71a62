/** How the numbers of a page were made: what a reader must know before quoting them. */
export const GLOSSARY: readonly (readonly [string, string])[] = [
  [
    'user record',
    'One logical datum that the scenario asks for. Several travel in one Kinesis record when aggregation is on; the service counts and bills Kinesis records.',
  ],
  [
    'offered, accepted',
    'Offered is what the schedule asked for; the schedule never waits for the target (open loop), unless the scenario asks for a closed loop. Accepted is what the service confirmed. offered = accepted + failed + expired + dropped, checked in every run.',
  ],
  [
    'uncertain',
    'Failed or expired records with an attempt that was never answered: the service may hold them.',
  ],
  [
    'response time',
    'From the time a user record was due to the time it was accepted, retries and lateness included. A stall of the target therefore shows in every record that was due during it (no coordinated omission).',
  ],
  [
    'its parts',
    'Lateness: due until generated. Buffering: generated until first sent. Retry: first sent until last sent. Service: last sent until answered. The means of the four add up to the mean response time.',
  ],
  [
    'percentiles',
    'Read from histograms with three significant digits, merged by adding counts over threads; never an average of percentiles. A percentile that fewer than ten values lie beyond is not printed.',
  ],
  [
    'attempt, throttle',
    'An attempt is one try to write one Kinesis record. Throttle is the share of attempts that the service refused because a shard was over its limit. Partial failure is the share of answered requests with both accepted and refused records.',
  ],
  [
    'utilisation of a shard',
    'The larger of the shares of the byte limit (1 MiB a second) and the record limit (1,000 a second) that the accepted writes used.',
  ],
  [
    'closed by',
    'Why a Kinesis record was sent: it was full (size, count), its oldest record had waited long enough (time), or everything was flushed at the end.',
  ],
  [
    'measured',
    'Phases marked as not measured (warm-up) are drawn but not counted. A record belongs to the phase in which it was due.',
  ],
  [
    'settled',
    'Where the transient at a phase’s start was over (MSER-5 over its seconds), marked in the charts over time. A phase that never settled has no single figure.',
  ],
  [
    'valid',
    'A run is invalid when the generator rather than the target set the pace, a worker died, or the counts do not add up. Do not compare or quote an invalid run.',
  ],
  [
    'cost',
    'An estimate from the list prices of the stated date for the measured mean rate; it is not a bill.',
  ],
];

import type { Clock } from '../../core/clock.ts';
import { ShardstormError } from '../../core/errors.ts';
import { RANDOM_STREAMS, RandomSequence } from '../../core/random.ts';
import { DAMAGE_KINDS, FAULT_KINDS, type FaultKind } from '../../kinesis/faults.ts';
import type { CallScope } from './call-scope.ts';
import type { CoreOptions, FaultRule } from './options.ts';
import { PlannedReshards } from './planned-reshards.ts';
import { ServiceError, throughputExceeded } from './service-error.ts';

/** A rule with its count. */
interface ActiveRule {
  readonly kind: FaultKind;
  readonly rule: FaultRule;
  fired: number;
}

export interface FaultCount {
  readonly kind: string;
  readonly fired: number;
  /** Set once the rule was taken away; such rules of one kind are one row. */
  readonly isCleared?: true;
}

/** How long a stall by chance lasts when the rule does not say. */
const STALL_DEFAULT_US = 1_000_000;
/** A slow shard answers this many times later, and never sooner than this. */
const SLOW_FACTOR = 10;
const SLOW_MIN_US = 200_000;

/** Faults that refuse a whole call. */
const CALL_ERRORS: readonly (readonly [FaultKind, () => ServiceError])[] = [
  ['call-500', () => new ServiceError('InternalFailure', '', 500)],
  ['call-503', () => new ServiceError('ServiceUnavailable', '', 503)],
  ['call-throttle', () => throughputExceeded('Rate exceeded.')],
  [
    'expired-token',
    () =>
      new ServiceError(
        'ExpiredTokenException',
        'The security token included in the request is expired',
      ),
  ],
];

/** Faults of single records: an operation without records is refused as a whole. */
const RECORD_ERRORS: readonly (readonly [FaultKind, () => ServiceError])[] = [
  ['throttle', () => throughputExceeded('Rate exceeded.')],
  [
    'internal-failure',
    () => new ServiceError('InternalFailureException', 'Internal service failure.', 500),
  ],
];

/** How wrong the service's clock is, and how far a signature may be from it (general reference, SigV4). */
const CLOCK_SKEW_MS = 600_000;
const CLOCK_TOLERANCE_MS = 300_000;

/** `20261123T120000Z` */
function basicTime(epochMs: number): string {
  return `${new Date(epochMs).toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`;
}

function skewError(signedAtMs: number, serverMs: number): ServiceError {
  const isOld = signedAtMs < serverMs;
  const limitMs = serverMs + (isOld ? -CLOCK_TOLERANCE_MS : CLOCK_TOLERANCE_MS);
  return new ServiceError(
    'InvalidSignatureException',
    `Signature ${isOld ? 'expired' : 'not yet current'}: ${basicTime(signedAtMs)} is ` +
      `${isOld ? 'now earlier' : 'still later'} than ${basicTime(limitMs)} ` +
      `(${basicTime(serverMs)} ${isOld ? '-' : '+'} 5 min.)`,
  );
}

function knownKind(rule: FaultRule): FaultKind {
  const kind = FAULT_KINDS.find((known) => known === rule.kind);
  if (kind !== undefined) return kind;
  throw new ShardstormError('SHARDSTORM_SIMULATOR_USAGE', `fault kind '${rule.kind}' is unknown`, {
    hint: `Use one of: ${FAULT_KINDS.join(', ')}.`,
  });
}

/** The planned misbehaviour: decides, from one seed, which calls and records it hits, and counts each hit. */
export class Faults {
  #rules: ActiveRule[] = [];
  /** What rules that were taken away did: at most a number for each kind. */
  readonly #cleared = new Map<FaultKind, number>();
  #recordRules: ActiveRule[] = [];
  #storedRules: ActiveRule[] = [];
  readonly #random: RandomSequence;
  readonly #clock: Clock;
  readonly #checksClock: boolean;
  #originUs = 0;

  /** @throws ShardstormError SHARDSTORM_SIMULATOR_USAGE for a kind that does not exist */
  constructor({ faults, seed, checksClock }: CoreOptions, clock: Clock) {
    this.#clock = clock;
    this.#checksClock = checksClock;
    for (const rule of faults) this.add(rule);
    this.#random = new RandomSequence(seed, RANDOM_STREAMS.fault);
  }

  /** Windows count from `originUs`; counts begin again at zero. */
  startAt(originUs: number): void {
    this.#originUs = originUs;
    for (const active of this.#rules) active.fired = 0;
    this.#cleared.clear();
  }

  /** One more. @throws ShardstormError SHARDSTORM_SIMULATOR_USAGE for a kind that does not exist */
  add(rule: FaultRule): void {
    const active = { kind: knownKind(rule), rule, fired: 0 };
    this.#rules.push(active);
    if (active.kind === 'throttle' || active.kind === 'internal-failure') {
      this.#recordRules.push(active);
    }
    // damage.ts carries them out.
    if (DAMAGE_KINDS.includes(active.kind)) this.#storedRules.push(active);
  }

  /** Takes all rules away; what they did stays counted. */
  clear(): void {
    for (const { kind, fired } of this.#rules) {
      if (fired > 0) this.#cleared.set(kind, (this.#cleared.get(kind) ?? 0) + fired);
    }
    this.#rules = [];
    this.#recordRules = [];
    this.#storedRules = [];
  }

  /** Microseconds since the start of the clock. */
  sinceStartUs(nowUs: number): number {
    return nowUs - this.#originUs;
  }

  get hasRecordRules(): boolean {
    return this.#recordRules.length > 0;
  }

  /** Rules that change the shard map, each with the time at which it does. */
  reshards(): { readonly rule: FaultRule; readonly atUs: number }[] {
    return this.#rules
      .filter(({ rule }) => PlannedReshards.isOne(rule))
      .map(({ rule }) => ({ rule, atUs: this.#originUs + (rule.atUs ?? 0) }));
  }

  /** Counts a rule of {@link reshards} that was carried out. */
  countReshard(rule: FaultRule): void {
    for (const active of this.#rules) if (active.rule === rule) active.fired++;
  }

  /** The error with which a fault, or a wrong clock, refuses this call; null when none does. */
  callError(scope: CallScope, nowUs: number): ServiceError | null {
    if (this.#rules.length > 0) {
      for (const [kind, error] of CALL_ERRORS)
        if (this.hitsCall(kind, scope, nowUs)) return error();
      if (!scope.operation.startsWith('PutRecord')) {
        for (const [kind, error] of RECORD_ERRORS) {
          if (this.hitsCall(kind, scope, nowUs)) return error();
        }
      }
    }
    return this.#clockError(scope, nowUs);
  }

  /**
   * A skewed service is ten minutes ahead, and says so in the answer: a client that corrects its clock by the answer's
   * Date is let through from then on.
   */
  #clockError(scope: CallScope, nowUs: number): ServiceError | null {
    const isSkewed = this.hitsCall('clock-skew', scope, nowUs);
    if (isSkewed) scope.dateShiftMs = CLOCK_SKEW_MS;
    else if (!this.#checksClock) return null;
    const nowMs = Math.floor((this.#clock.originEpochUs + nowUs) / 1000);
    const signedAtMs = scope.signedAtMs ?? nowMs;
    const serverMs = nowMs + scope.dateShiftMs;
    const isRight = Math.abs(serverMs - signedAtMs) <= CLOCK_TOLERANCE_MS;
    return isRight ? null : skewError(signedAtMs, serverMs);
  }

  /** Whether a fault of `kind` hits this call; counted when it does. */
  hitsCall(kind: FaultKind, scope: CallScope, nowUs: number): boolean {
    return this.#hit(kind, scope, nowUs) !== null;
  }

  /** Whether accepted records may be stored otherwise than they came. */
  get hasStoredRules(): boolean {
    return this.#storedRules.length > 0;
  }

  /** Whether a fault of `kind` hits a record that was accepted; counted when it does. */
  hitStored(kind: FaultKind, operation: string, shard: number, nowUs: number): boolean {
    for (const active of this.#storedRules) {
      if (active.kind !== kind || !this.#hitsRecord(active, operation, shard, nowUs)) continue;
      active.fired++;
      return true;
    }
    return false;
  }

  /** The next number of the faults' own sequence, in [0, 1). */
  unit(): number {
    return this.#random.unit();
  }

  /** The fault that hits a record bound for `shard`, or null. */
  hitRecord(operation: string, shard: number, nowUs: number): FaultKind | null {
    for (const active of this.#recordRules) {
      if (!this.#hitsRecord(active, operation, shard, nowUs)) continue;
      active.fired++;
      return active.kind;
    }
    return null;
  }

  #hitsRecord(active: ActiveRule, operation: string, shard: number, nowUs: number): boolean {
    const { shards } = active.rule;
    if (!this.#isOn(active, operation, nowUs)) return false;
    if (shards !== null && !shards.includes(shard)) return false;
    return this.#draw(active);
  }

  /** The service time with stalls and slow shards in it. */
  delayUs(serviceUs: number, scope: CallScope, nowUs: number): number {
    let us = serviceUs;
    if (this.#rules.length === 0) return us;
    if (this.#hit('slow-shard', scope, nowUs) !== null) {
      us = Math.max(us * SLOW_FACTOR, SLOW_MIN_US);
    }
    const stall = this.#hit('stall', scope, nowUs);
    if (stall !== null) {
      const { atUs, forUs, rate } = stall.rule;
      const isWindow = rate === null && atUs !== null && forUs !== null;
      us += isWindow ? this.#originUs + atUs + forUs - nowUs : (forUs ?? STALL_DEFAULT_US);
    }
    return us;
  }

  counts(): FaultCount[] {
    return [
      ...this.#rules.map(({ kind, fired }) => ({ kind, fired })),
      ...[...this.#cleared].map(([kind, fired]) => ({ kind, fired, isCleared: true as const })),
    ];
  }

  #hit(kind: FaultKind, scope: CallScope, nowUs: number): ActiveRule | null {
    for (const active of this.#rules) {
      if (active.kind !== kind || !this.#isOn(active, scope.operation, nowUs)) continue;
      if (!touches(active.rule, scope) || !this.#draw(active)) continue;
      active.fired++;
      return active;
    }
    return null;
  }

  #isOn({ rule }: ActiveRule, operation: string, nowUs: number): boolean {
    if (rule.operation === null) {
      if (!operation.startsWith('PutRecord')) return false;
    } else if (rule.operation !== operation) return false;
    if (rule.atUs === null) return true;
    const sinceUs = nowUs - this.#originUs - rule.atUs;
    // With a rate, forUs of a stall is the length of each one, not of the window.
    const isOpenEnded = rule.forUs === null || (rule.kind === 'stall' && rule.rate !== null);
    return sinceUs >= 0 && (isOpenEnded || sinceUs < (rule.forUs ?? 0));
  }

  #draw({ rule }: ActiveRule): boolean {
    return rule.rate === null || this.#random.unit() < rule.rate;
  }
}

/** Whether the call is about one of the rule's shards. */
function touches({ shards }: FaultRule, { count, shard }: CallScope): boolean {
  if (shards === null) return true;
  for (let i = 0; i < count; i++) if (shards.includes(shard[i] as number)) return true;
  return false;
}

import { ShardstormError } from '../../core/errors.ts';
import { RANDOM_STREAMS, RandomSequence } from '../../core/random.ts';
import { FAULT_KINDS, type FaultKind } from '../../kinesis/faults.ts';
import type { FaultRule } from './options.ts';
import { PlannedReshards } from './planned-reshards.ts';
import type { PutCall } from './put-call.ts';
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
  readonly rule: FaultRule;
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
  [
    'clock-skew',
    () =>
      new ServiceError(
        'InvalidSignatureException',
        'Signature expired: the clocks are too far apart',
      ),
  ],
];

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
  #recordRules: ActiveRule[] = [];
  readonly #random: RandomSequence;
  #originUs = 0;

  /** @throws ShardstormError SHARDSTORM_SIMULATOR_USAGE for a kind that does not exist */
  constructor(rules: readonly FaultRule[], seed: number) {
    for (const rule of rules) this.add(rule);
    this.#random = new RandomSequence(seed, RANDOM_STREAMS.fault);
  }

  /** Windows count from `originUs`; counts begin again at zero. */
  startAt(originUs: number): void {
    this.#originUs = originUs;
    for (const active of this.#rules) active.fired = 0;
  }

  /** One more. @throws ShardstormError SHARDSTORM_SIMULATOR_USAGE for a kind that does not exist */
  add(rule: FaultRule): void {
    const active = { kind: knownKind(rule), rule, fired: 0 };
    this.#rules.push(active);
    if (active.kind === 'throttle' || active.kind === 'internal-failure') {
      this.#recordRules.push(active);
    }
  }

  /** Takes all rules away. */
  clear(): void {
    this.#rules = [];
    this.#recordRules = [];
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

  /** The error with which a fault refuses this call; null when none does. */
  callError(operation: string, call: PutCall | null, nowUs: number): ServiceError | null {
    if (this.#rules.length === 0) return null;
    for (const [kind, error] of CALL_ERRORS) {
      if (this.hitsCall(kind, operation, call, nowUs)) return error();
    }
    return null;
  }

  /** Whether a fault of `kind` hits this call; counted when it does. */
  hitsCall(kind: FaultKind, operation: string, call: PutCall | null, nowUs: number): boolean {
    return this.#hit(kind, operation, call, nowUs) !== null;
  }

  /** The fault that hits a record bound for `shard`, or null. */
  hitRecord(operation: string, shard: number, nowUs: number): FaultKind | null {
    for (const active of this.#recordRules) {
      const { shards } = active.rule;
      if (!this.#isOn(active, operation, nowUs)) continue;
      if (shards !== null && !shards.includes(shard)) continue;
      if (!this.#draw(active)) continue;
      active.fired++;
      return active.kind;
    }
    return null;
  }

  /** The service time with stalls and slow shards in it. */
  delayUs(serviceUs: number, operation: string, call: PutCall | null, nowUs: number): number {
    let us = serviceUs;
    if (this.#rules.length === 0) return us;
    if (this.#hit('slow-shard', operation, call, nowUs) !== null) {
      us = Math.max(us * SLOW_FACTOR, SLOW_MIN_US);
    }
    const stall = this.#hit('stall', operation, call, nowUs);
    if (stall !== null) {
      const { atUs, forUs, rate } = stall.rule;
      const isWindow = rate === null && atUs !== null && forUs !== null;
      us += isWindow ? this.#originUs + atUs + forUs - nowUs : (forUs ?? STALL_DEFAULT_US);
    }
    return us;
  }

  counts(): FaultCount[] {
    return this.#rules.map(({ kind, rule, fired }) => ({ kind, rule, fired }));
  }

  #hit(kind: FaultKind, operation: string, call: PutCall | null, nowUs: number): ActiveRule | null {
    for (const active of this.#rules) {
      if (active.kind !== kind || !this.#isOn(active, operation, nowUs)) continue;
      if (!touches(active.rule, call) || !this.#draw(active)) continue;
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

/** Whether the call holds a record for one of the rule's shards. */
function touches(rule: FaultRule, call: PutCall | null): boolean {
  if (rule.shards === null) return true;
  if (call === null) return false;
  for (let i = 0; i < call.count; i++) {
    if (rule.shards.includes(call.shard[i] as number)) return true;
  }
  return false;
}

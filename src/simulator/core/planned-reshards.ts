import type { Clock, Timer } from '../../core/clock.ts';
import type { FaultRule } from './options.ts';
import type { Stream } from './stream.ts';

/** What is needed of a simulator. */
export interface ReshardedService {
  readonly clock: Clock;
  readonly streams: ReadonlyMap<string, Stream>;
  nowMs(): number;
}

/** Faults that change the shard map of the first stream, each once, at its time. */
export class PlannedReshards {
  readonly #service: ReshardedService;
  readonly #done: (rule: FaultRule) => void;
  #timers: Timer[] = [];

  /** @param done called with each rule that was carried out */
  constructor(service: ReshardedService, done: (rule: FaultRule) => void) {
    this.#service = service;
    this.#done = done;
  }

  static isOne({ kind }: FaultRule): boolean {
    return kind === 'split-shard' || kind === 'merge-shards';
  }

  /** Carries out the rule at `atUs` of the clock. */
  plan(rule: FaultRule, atUs: number): void {
    this.#timers.push(this.#service.clock.setTimer(atUs, () => this.#reshard(rule)));
  }

  /** Forgets what is planned. */
  clear(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
  }

  #reshard(rule: FaultRule): void {
    const stream = this.#service.streams.values().next().value;
    const target = stream?.shard(rule.shards?.[0] ?? 0);
    if (stream === undefined || target === undefined || !target.isOpen) return;
    const nowMs = this.#service.nowMs();
    if (rule.kind === 'split-shard') {
      const { startingHashKey, endingHashKey } = target.place;
      stream.map.split(target, (startingHashKey + endingHashKey + 1n) / 2n, nowMs);
    } else {
      const named = stream.shard(rule.shards?.[1] ?? -1);
      const other = named ?? stream.map.neighbourAbove(target);
      if (other === undefined || !stream.map.areMergeable(target, other)) return;
      stream.map.merge(target, other, nowMs);
    }
    this.#done(rule);
  }
}

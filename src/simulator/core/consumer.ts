import type { Subscription } from './subscription.ts';

/** A registered consumer with enhanced fan-out. */
export class Consumer {
  readonly name: string;
  readonly arn: string;
  readonly createdMs: number;
  status: 'CREATING' | 'ACTIVE' | 'DELETING' = 'CREATING';
  tags = new Map<string, string>();
  /** The subscription to each shard, by its number; a later one takes over. */
  readonly subscriptions = new Map<number, Subscription>();

  constructor(name: string, arn: string, createdMs: number) {
    this.name = name;
    this.arn = arn;
    this.createdMs = createdMs;
  }

  /** Ends every subscription. */
  close(): void {
    for (const subscription of this.subscriptions.values()) subscription.end();
    this.subscriptions.clear();
  }
}

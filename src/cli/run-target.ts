import type { ClockOrigin } from '../core/clock.ts';
import type { ShardstormError } from '../core/errors.ts';
import type { Plan } from '../scenario/plan.ts';
import type { AuditReport } from '../simulator/core/audit.ts';
import { type SimulatorHandle, startSimulatorThread } from '../simulator/host.ts';
import type { TransportOptions } from '../transport/open.ts';

/** Where a run sends to, ready to take records. */
export interface RunTarget {
  /** For the summary: `simulator`, `null`, `aws (us-east-1)` or the endpoint's URL. */
  readonly label: string;
  readonly transport: TransportOptions;
  /** null: the target is not one that bills by a price list we have. */
  readonly mode: 'provisioned' | 'on-demand' | null;
  /** Called when the start gate opens. */
  readonly onStart: (origin: ClockOrigin) => Promise<void>;
  /** What the target says that it accepted; null where it cannot tell. */
  readonly audit: () => Promise<AuditReport | null>;
  /** Resolves if the target breaks down by itself. */
  readonly failure: Promise<ShardstormError>;
  readonly close: () => Promise<void>;
}

/** Connections of one thread at the most, whatever its producers would like. */
const THREAD_CONNECTIONS_MAX = 256;

/**
 * Brings the target up, or makes sure that it is there.
 * @throws ShardstormError SHARDSTORM_TRANSPORT_*, SHARDSTORM_CREDENTIALS_*, SHARDSTORM_SERVICE_* (within ten seconds)
 */
export async function openTarget(plan: Plan, producersPerThread: number): Promise<RunTarget> {
  const transport = transportOptions(plan, producersPerThread);
  switch (plan.target.kind) {
    case 'simulator':
      return openSimulator(plan, transport);
    case 'null':
      return fixedTarget('null', { ...transport, kind: 'null' }, null);
    default:
      return openEndpoint(plan, transport);
  }
}

function transportOptions(plan: Plan, producersPerThread: number): TransportOptions {
  const { producer, target } = plan;
  return {
    kind: producer.transport,
    protocol: producer.protocol,
    http: producer.http,
    endpoint: target.endpoint,
    region: target.region,
    credentials: 'chain',
    maxConnections: Math.min(THREAD_CONNECTIONS_MAX, producer.maxConnections * producersPerThread),
    requestTimeoutUs: producer.requestTimeoutUs,
    nullShards: target.simulator.shards,
  };
}

async function openSimulator(plan: Plan, transport: TransportOptions): Promise<RunTarget> {
  const { simulator, stream, region } = plan.target;
  const handle: SimulatorHandle = await startSimulatorThread({
    ...simulator,
    stream,
    region,
    seed: plan.load.seed,
  });
  return {
    label: 'simulator',
    transport: { ...transport, endpoint: handle.endpoint, credentials: 'simulator' },
    mode: simulator.mode,
    onStart: (origin) => handle.startClock(origin),
    audit: () => handle.audit(),
    failure: handle.failure,
    close: () => handle.close(),
  };
}

async function openEndpoint(plan: Plan, transport: TransportOptions): Promise<RunTarget> {
  const { checkTarget } = await import('../transport/control-plane.ts');
  const { stream, create, kind, region } = plan.target;
  const description = await checkTarget(transport, stream, create);
  const label = kind === 'aws' ? `aws${region === null ? '' : ` (${region})`}` : transport.endpoint;
  return fixedTarget(label ?? kind, transport, description.mode);
}

function fixedTarget(
  label: string,
  transport: TransportOptions,
  mode: RunTarget['mode'],
): RunTarget {
  return {
    label,
    transport,
    mode,
    onStart: () => Promise.resolve(),
    audit: () => Promise.resolve(null),
    failure: new Promise(() => {}),
    close: () => Promise.resolve(),
  };
}

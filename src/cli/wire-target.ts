import { Coordinator } from '../coordinate/coordinator.ts';
import type { ClockOrigin } from '../core/clock.ts';
import { countInShare } from '../core/share.ts';
import { type SimulatorHandle, startSimulatorThread } from '../simulator/host.ts';
import type { TransportOptions } from '../transport/open.ts';
import { letHeapsGrow } from './heaps.ts';
import { type RunControl, runControl } from './run-control.ts';
import type { LoadHooks, RunSetup, RunTarget } from './run-setup.ts';

/** What the embedded simulator holds for the reader of a run that is verified. */
const VERIFIED_BYTES_MAX = 1024 ** 3;
/** Connections of one thread at the most, whatever its producers would like. */
const THREAD_CONNECTIONS_MAX = 256;

/**
 * Brings the target up, or makes sure that it is there.
 * @throws ShardstormError SHARDSTORM_TRANSPORT_*, SHARDSTORM_CREDENTIALS_*, SHARDSTORM_SERVICE_* (within ten seconds)
 */
export async function openWireTarget(setup: RunSetup): Promise<RunTarget> {
  const transport = transportOptions(setup);
  const { target, verify } = setup.plan;
  if (transport.kind === 'sdk' || target.kind === 'simulator' || verify !== null) letHeapsGrow();
  switch (target.kind) {
    case 'simulator':
      return openSimulator(setup, transport);
    case 'null':
      return nullTarget(setup, { ...transport, kind: 'null' });
    default:
      return openEndpoint(setup, transport);
  }
}

function transportOptions({ plan, sizing }: RunSetup): TransportOptions {
  const { producer, target } = plan;
  const producersPerThread = Math.ceil(
    countInShare(sizing.producers, sizing.share) / sizing.workers,
  );
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

async function openSimulator(setup: RunSetup, transport: TransportOptions): Promise<RunTarget> {
  const { simulator, stream, region } = setup.plan.target;
  const handle: SimulatorHandle = await startSimulatorThread({
    ...simulator,
    baseDirectory: setup.plan.baseDirectory,
    stream,
    region,
    seed: setup.plan.load.seed,
    // Until they are read back, which may be long after they were written.
    ...(setup.plan.verify === null ? {} : { storedBytesMax: VERIFIED_BYTES_MAX }),
  });
  const local: TransportOptions = {
    ...transport,
    endpoint: handle.endpoint,
    credentials: 'simulator',
  };
  return {
    label: 'simulator',
    mode: simulator.mode,
    address: local,
    startLoad: (hooks) => {
      const control = runControl(local, null);
      const coordinator = startCoordinator(setup, local, control, hooks, (origin) =>
        handle.startClock(origin),
      );
      void handle.failure.then((error) => coordinator.fail(error));
      return coordinator;
    },
    audit: () => handle.audit(),
    close: () => handle.close(),
  };
}

async function openEndpoint(setup: RunSetup, transport: TransportOptions): Promise<RunTarget> {
  const { checkTarget } = await import('../transport/control-plane.ts');
  const { resolveAddress } = await import('../transport/sdk-client.ts');
  const { stream, create, kind } = setup.plan.target;
  const description = await checkTarget(transport, stream, create);
  const address = await resolveAddress(transport);
  const label = kind === 'aws' ? `aws (${address.region})` : transport.endpoint;
  // The SDK's transport makes up its own mind, as its users have it.
  const control = runControl(transport, transport.kind === 'direct' ? address : null);
  return fixedTarget(label ?? kind, setup, transport, control, description.mode);
}

function nullTarget(setup: RunSetup, transport: TransportOptions): RunTarget {
  return fixedTarget('null', setup, transport, runControl(transport, null), null);
}

function fixedTarget(
  label: string,
  setup: RunSetup,
  transport: TransportOptions,
  control: RunControl,
  mode: RunTarget['mode'],
): RunTarget {
  return {
    label,
    mode,
    address: transport.kind === 'null' ? null : transport,
    startLoad: (hooks) =>
      startCoordinator(setup, transport, control, hooks, () => Promise.resolve()),
    audit: () => Promise.resolve(null),
    close: () => Promise.resolve(),
  };
}

/** @param onStart called after the hook, when the start gate opens */
function startCoordinator(
  { plan, sizing, phases, stampId, member }: RunSetup,
  transport: TransportOptions,
  control: RunControl,
  hooks: LoadHooks,
  onStart: (origin: ClockOrigin) => Promise<void>,
): Coordinator {
  const startAtUs = member?.startAtUs ?? null;
  return new Coordinator({
    ...hooks,
    control: control.target,
    phases,
    // The agreed instant, as this machine's own clock will show it.
    startAtUs: startAtUs === null ? null : startAtUs + (member?.clock?.correctionUs ?? 0),
    task: {
      ...sizing,
      plan,
      transport,
      settled: control.settled,
      runIdHigh: stampId[0],
      runIdLow: stampId[1],
    },
    onStart: async (origin) => {
      await onStart(origin);
      await hooks.onStart(origin);
    },
  });
}

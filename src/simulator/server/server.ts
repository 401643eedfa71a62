/** The whole simulator on one port: core, handler and sockets put together. */
import type { Clock } from '../../core/clock.ts';
import { ShardstormError } from '../../core/errors.ts';
import { CORE_DEFAULTS } from '../core/options.ts';
import { Simulator } from '../core/simulator.ts';
import type { SimulatorOptions } from '../options.ts';
import { Handler } from './handler.ts';
import { listen } from './listen.ts';

const SHARDS_MAX = 100_000;

export interface RunningSimulator {
  readonly core: Simulator;
  /** `http://127.0.0.1:4567` */
  readonly endpoint: string;
  close(): Promise<void>;
}

/**
 * Starts a simulator in this thread, its stream ACTIVE.
 * @throws ShardstormError SHARDSTORM_SIMULATOR_USAGE for wrong options, SHARDSTORM_SIMULATOR_LISTEN for a port in use
 */
export async function startSimulator(
  options: SimulatorOptions,
  clock: Clock,
): Promise<RunningSimulator> {
  if (!Number.isInteger(options.shards) || options.shards < 1 || options.shards > SHARDS_MAX) {
    throw new ShardstormError(
      'SHARDSTORM_SIMULATOR_USAGE',
      `shards is ${options.shards}; the simulator takes 1 to ${SHARDS_MAX}`,
      { hint: 'Set target.simulator.shards to a whole number in that range.' },
    );
  }
  const core = new Simulator(clock, {
    ...CORE_DEFAULTS,
    region: options.region ?? CORE_DEFAULTS.region,
    seed: options.seed,
    latency: options.latency,
    faults: options.faults,
    limits: options.limits ?? CORE_DEFAULTS.limits,
    transitionUs: options.transitionUs ?? CORE_DEFAULTS.transitionUs,
  });
  const mode = options.mode === 'on-demand' ? 'ON_DEMAND' : 'PROVISIONED';
  core.addActiveStream(options.stream, mode, options.shards);
  core.startAt(clock.nowUs());
  const handler = new Handler(core);
  const listener = await listen(handler.handle, options.host ?? '127.0.0.1', options.port ?? 0);
  const host = listener.host.includes(':') ? `[${listener.host}]` : listener.host;
  return {
    core,
    endpoint: `http://${host}:${listener.port}`,
    close: async () => {
      core.close();
      await listener.close();
    },
  };
}

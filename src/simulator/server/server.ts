/** The whole simulator: core, handler and ports put together. */
import type { Clock } from '../../core/clock.ts';
import { ShardstormError } from '../../core/errors.ts';
import { CORE_DEFAULTS, type LatencyChoice, type LatencyModel } from '../core/options.ts';
import { Simulator } from '../core/simulator.ts';
import { SIMULATOR_SHARDS_MAX, type SimulatorOptions } from '../options.ts';
import type { Restored, Storage } from '../persist/storage.ts';
import { BodyPool } from './body-pool.ts';
import { selfSignedCertificate } from './certificate.ts';
import { answerControl, controlHandler } from './control.ts';
import { Handler } from './handler.ts';
import { type Handle, type Listener, listen, listenTls } from './listen.ts';

export interface RunningSimulator {
  readonly core: Simulator;
  /** `http://127.0.0.1:4567` */
  readonly endpoint: string;
  /** `https://127.0.0.1:4568`; null without TLS. */
  readonly tlsEndpoint: string | null;
  /** PEM of the certificate in use, for clients to trust; null without TLS. */
  readonly certificate: string | null;
  /** What was found in the folder of `persist`; null without one. */
  readonly restored: Restored | null;
  /** null without a control port. */
  readonly controlEndpoint: string | null;
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
  const pool = new BodyPool();
  const core = startCore(options, await latencyOf(options), clock, pool);
  const storage = await openStorage(options, core);
  addStream(options, core);
  core.store.whenFull = () => {
    const mib = Math.round(core.store.bytesMax / 1024 / 1024);
    options.onProblem?.(
      `${mib} MiB of records are held; from now on the oldest are dropped, and the audit counts them`,
    );
  };
  const { handle: answer } = new Handler(core, options.credentials ?? [], pool);
  const handle: Handle = (request, response) => {
    if (!answerControl(core, request, response)) answer(request, response);
  };
  const host = options.host ?? '127.0.0.1';
  const listeners: Listener[] = [];
  const close = async () => {
    core.close();
    await Promise.all(listeners.map((listener) => listener.close()));
    storage?.close();
  };
  const open = async (scheme: 'http' | 'https', opening: Promise<Listener>) => {
    const listener = await opening;
    listeners.push(listener);
    return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${listener.port}`;
  };
  try {
    const endpoint = await open('http', listen(handle, host, options.port ?? 0));
    const certificate = options.tls == null ? null : certificateOf(options, core);
    const tlsEndpoint =
      certificate === null
        ? null
        : await open('https', listenTls(handle, host, options.tls?.port ?? 0, certificate));
    const controlEndpoint =
      options.controlPort === undefined
        ? null
        : await open('http', listen(controlHandler(core, pool), host, options.controlPort));
    return {
      core,
      endpoint,
      tlsEndpoint,
      certificate: certificate?.cert ?? null,
      controlEndpoint,
      restored: storage?.restored ?? null,
      close,
    };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** Whatever reads histograms is loaded only when there is one to read. */
async function latencyOf({ latency, baseDirectory = '' }: SimulatorOptions): Promise<LatencyModel> {
  const files = [latency, ...Object.values(latency.operations ?? {})];
  if (files.every(isModel)) return latency as LatencyModel;
  return (await import('../latency-file.ts')).readLatency(latency, baseDirectory);
}

function isModel(choice: LatencyChoice): boolean {
  return choice.kind !== 'file';
}

function startCore(
  options: SimulatorOptions,
  latency: LatencyModel,
  clock: Clock,
  pool: BodyPool,
): Simulator {
  if (
    !Number.isInteger(options.shards) ||
    options.shards < 1 ||
    options.shards > SIMULATOR_SHARDS_MAX
  ) {
    throw new ShardstormError(
      'SHARDSTORM_SIMULATOR_USAGE',
      `shards is ${options.shards}; the simulator takes 1 to ${SIMULATOR_SHARDS_MAX}`,
      { hint: 'Set target.simulator.shards to a whole number in that range.' },
    );
  }
  const core = new Simulator(
    clock,
    {
      ...CORE_DEFAULTS,
      region: options.region ?? CORE_DEFAULTS.region,
      seed: options.seed,
      latency,
      faults: options.faults,
      limits: options.limits ?? CORE_DEFAULTS.limits,
      transitionUs: options.transitionUs ?? CORE_DEFAULTS.transitionUs,
      scaleEveryUs: options.scaleEveryUs ?? CORE_DEFAULTS.scaleEveryUs,
      storedBytesMax: options.storedBytesMax ?? CORE_DEFAULTS.storedBytesMax,
      checksClock: (options.credentials ?? []).length > 0,
    },
    pool.give,
  );
  core.startAt(clock.nowUs());
  return core;
}

/** The stream that is there at the start, unless it was there before. */
function addStream({ mode, stream, shards }: SimulatorOptions, core: Simulator): void {
  if (core.streams.has(stream)) return;
  core.addActiveStream(stream, mode === 'on-demand' ? 'ON_DEMAND' : 'PROVISIONED', shards);
  core.journal?.changed();
}

/** Loaded only where it is asked for: it is no part of a run. */
async function openStorage(
  { persist = null, onProblem = () => {} }: SimulatorOptions,
  core: Simulator,
): Promise<Storage | null> {
  if (persist === null) return null;
  const { Storage } = await import('../persist/storage.ts');
  try {
    return new Storage(core, persist, onProblem);
  } catch (thrown) {
    // Its timers would keep the process alive.
    core.close();
    throw thrown;
  }
}

function certificateOf(
  { tls, host }: SimulatorOptions,
  core: Simulator,
): {
  readonly key: string;
  readonly cert: string;
} {
  if (tls?.certificate !== undefined) return tls.certificate;
  const isNamed = host !== undefined && !host.includes(':') && host !== '0.0.0.0';
  return selfSignedCertificate(core.nowMs(), isNamed ? [host] : []);
}

import type { RunSetup, RunTarget } from './run-setup.ts';

/**
 * Brings the target up, or makes sure that it is there. Each kind is loaded when it is asked for: a virtual run needs no
 * worker pool, HTTP client or SDK, and to load those takes longer than a short run.
 * @throws ShardstormError SHARDSTORM_TRANSPORT_*, SHARDSTORM_CREDENTIALS_*, SHARDSTORM_SERVICE_* (within ten seconds)
 */
export async function openTarget(setup: RunSetup): Promise<RunTarget> {
  if (setup.isVirtual) return (await import('./virtual-target.ts')).openVirtualTarget(setup);
  return (await import('./wire-target.ts')).openWireTarget(setup);
}

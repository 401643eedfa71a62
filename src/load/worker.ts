import type { MessagePort } from 'node:worker_threads';
import { type ClockOrigin, clockOrigin, realClock, startableClock } from '../core/clock.ts';
import { type ShardstormError, toShardstormError } from '../core/errors.ts';
import { loadPayloadFiles } from '../generate/file.ts';
import { packFrame } from '../measure/codec.ts';
import type { Frame } from '../measure/frame.ts';
import { SelfWatch } from '../measure/self-watch.ts';
import { openTransport } from '../transport/open.ts';
import type { ResolvedAddress } from '../transport/target-address.ts';
import { type ControlAnswer, ControlCalls } from './control-calls.ts';
import { replayTimesOf } from './inputs.ts';
import { Load } from './load.ts';
import type { FromWorker, ToWorker, WorkerEnd, WorkerTask } from './protocol.ts';
import { isDense, rehearse } from './rehearsal.ts';

/**
 * A worker thread's one task: the load on the real clock and real sockets, spoken to over a port. Resolves when the load
 * has ended, with the error that kept it from starting if there was one; a bug rejects.
 */
export async function runWorker(task: WorkerTask): Promise<WorkerEnd> {
  const { port, plan } = task;
  const clock = startableClock();
  const watch = new SelfWatch();
  const control = new ControlCalls((call) => send(port, call));
  const commands = listen(port, control, clock.start);
  try {
    const files = loadPayloadFiles(plan.records, plan.baseDirectory);
    if (isDense(plan, task.workers * task.share.count)) {
      await rehearse({
        plan,
        producers: task.producers,
        files,
        clock: realClock(clockOrigin()),
        watch: (state) => watch.take(state),
        onFrame: packFrame,
      });
    }
    const transport = await openTransport(task.transport, clock, addressOf(task, control));
    await new Promise<void>((resolve, reject) => {
      const load = new Load({
        ...task,
        clock,
        transport,
        listOpenShards: control.listOpenShards,
        files,
        replayTimesUs: replayTimesOf(plan),
        watch: (state) => watch.take(state),
        onFrame: (frame) => sendFrame(port, frame),
        onEnd: resolve,
      });
      commands.giveTo(load);
      load.prepare((error) => {
        if (error === null) {
          const { openShards, openShardStarts } = load;
          send(port, { kind: 'ready', openShards, openShardStarts });
        } else reject(error);
      });
    });
    await transport.close();
    return { error: null };
  } catch (thrown) {
    const error: ShardstormError = toShardstormError(thrown);
    if (error.code === 'SHARDSTORM_INTERNAL') throw thrown;
    return { error: error.toJSON() };
  } finally {
    watch.stop();
    port.close();
  }
}

/** As the main thread settled it; null: the task's own address leaves nothing open. */
function addressOf({ settled }: WorkerTask, control: ControlCalls): ResolvedAddress | null {
  if (settled === null) return null;
  const { endpoint, region } = settled;
  return { endpoint: new URL(endpoint), region, credentials: control.fetchCredentials };
}

/** Answers go to `control` from the start, commands to the load once it is there. */
function listen(
  port: MessagePort,
  control: ControlCalls,
  startClock: (origin: ClockOrigin) => void,
): { readonly giveTo: (load: Load) => void } {
  let load: Load | null = null;
  let stop: 'drain' | 'now' | null = null;
  const obey = (message: Exclude<ToWorker, ControlAnswer>) => {
    if (message.kind === 'stop') {
      stop = message.mode;
      load?.stop(message.mode);
      return;
    }
    startClock(message.origin);
    load?.start();
  };
  port.on('message', (message: ToWorker) => {
    if (message.kind === 'shards' || message.kind === 'credentials') control.hear(message);
    else obey(message);
  });
  // The coordinator is gone: nobody would read the result.
  port.once('close', () => obey({ kind: 'stop', mode: 'now' }));
  return {
    giveTo: (made) => {
      load = made;
      if (stop !== null) made.stop(stop);
    },
  };
}

/**
 * Copied, not transferred: the first buffer that a thread detaches makes V8 throw away all of its optimised code that reads
 * or writes typed arrays, and check for detached ones from then on. That was 60 to 80 ms of late records, once a run.
 */
function sendFrame(port: MessagePort, frame: Frame): void {
  send(port, { kind: 'frame', packed: packFrame(frame) });
}

function send(port: MessagePort, message: FromWorker): void {
  port.postMessage(message);
}

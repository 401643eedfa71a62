import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../src/core/assert.ts';
import { runSimulatorThread } from '../src/simulator/thread.ts';

assert(parentPort !== null, 'simulator.worker is the entry of a thread');
await runSimulatorThread(parentPort, workerData);

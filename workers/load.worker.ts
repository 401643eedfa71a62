import { runWorker } from '../src/load/worker.ts';

/** Entry point of a load worker thread: one long task (piscina). */
export default runWorker;

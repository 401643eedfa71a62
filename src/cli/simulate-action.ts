import { readFileSync, writeFileSync } from 'node:fs';
import { clockOrigin, realClock } from '../core/clock.ts';
import { describeCause } from '../core/errors.ts';
import type { SimulatorOptions } from '../simulator/options.ts';
import { type RunningSimulator, startSimulator } from '../simulator/server/server.ts';
import type { Arguments, CommandIo } from './command.ts';
import { EXIT, usageError } from './errors.ts';
import { isOn, text } from './flags.ts';
import { SIMULATOR_DEFAULTS, type SimulatorBase, simulatorOptions } from './simulate-options.ts';

/** Serves until a signal, which is its normal end. */
export async function simulate(args: Arguments, io: CommandIo): Promise<number> {
  const options = simulatorOptions(args, await base(args), readText, io.environment);
  const auditFile = text(args, 'audit');
  const isToFile = auditFile !== undefined && auditFile !== '-';
  if (isToFile) writeAudit(auditFile, '');
  const onProblem = (problem: string) => void io.stderr.write(`warning: ${problem}\n`);
  const simulator = await startSimulator({ ...options, onProblem }, realClock(clockOrigin()));
  const stopped = firstSignal();
  if (isOn(args, 'json')) io.stdout.write(`${JSON.stringify(readyLine(simulator))}\n`);
  else io.stdout.write(greeting(simulator, options));
  tellRestored(simulator, options, io);
  if (!isLoopback(options.host ?? '')) {
    io.stderr.write(
      `warning: ${options.host} can be reached from other machines, and anybody there may use the ` +
        'simulator and its control port\n',
    );
  }
  await stopped;
  const audit = simulator.core.audit();
  await simulator.close();
  const auditText = `${JSON.stringify(audit, null, 2)}\n`;
  if (isToFile) writeAudit(auditFile, auditText);
  else if (auditFile === '-') io.stdout.write(auditText);
  if (!isOn(args, 'json')) {
    const { accepted } = audit.kinesisRecords;
    io.stdout.write(`stopped; ${accepted} records were accepted\n`);
  }
  return EXIT.ok;
}

/** What was found in the folder of --persist. */
function tellRestored(
  { restored }: RunningSimulator,
  { persist }: SimulatorOptions,
  { stderr }: CommandIo,
): void {
  if (restored === null) return;
  for (const problem of restored.problems) stderr.write(`warning: ${problem}\n`);
  const { streams, records } = restored;
  if (streams > 0)
    stderr.write(`restored ${streams} streams, ${records} records from ${persist}\n`);
}

/** The scenario reader is loaded only when it is needed: it would double the time to start. */
async function base(args: Arguments): Promise<SimulatorBase> {
  const file = text(args, 'init');
  if (file === undefined) return SIMULATOR_DEFAULTS;
  const { loadScenario } = await import('../scenario/load.ts');
  const { target, baseDirectory } = loadScenario(file, {}, () => {});
  return { ...target.simulator, stream: target.stream, baseDirectory };
}

function readyLine({ endpoint, tlsEndpoint, controlEndpoint }: RunningSimulator) {
  return { endpoint, tlsEndpoint, controlEndpoint, pid: process.pid };
}

function greeting(simulator: RunningSimulator, options: SimulatorOptions): string {
  const { endpoint, tlsEndpoint, controlEndpoint } = simulator;
  // A folder of --persist may hold the stream as it was before.
  const stream = simulator.core.stream(options.stream);
  const mode = stream.mode === 'ON_DEMAND' ? 'on-demand' : 'provisioned';
  const lines = [
    `Kinesis simulator, stream ${stream.name} with ${stream.openShards.length} shards (${mode})`,
    `  service  ${endpoint}`,
    ...(tlsEndpoint === null ? [] : [`  TLS      ${tlsEndpoint}`]),
    ...(controlEndpoint === null ? [] : [`  status   ${controlEndpoint}`]),
    '',
    'For the AWS CLI and SDKs:',
    `  export AWS_ENDPOINT_URL_KINESIS=${endpoint}`,
    `  export AWS_REGION=${options.region}${sampleCredentials(options)}`,
    '',
    'Ctrl-C stops it.',
  ];
  return `${lines.join('\n')}\n`;
}

/** Any will do, unless signatures are verified: then the user knows which. */
function sampleCredentials({ credentials = [] }: SimulatorOptions): string {
  if (credentials.length > 0) return '';
  return ' AWS_ACCESS_KEY_ID=simulator AWS_SECRET_ACCESS_KEY=simulator';
}

function firstSignal(): Promise<void> {
  return new Promise((resolve) => {
    const hear = () => {
      process.off('SIGINT', hear);
      process.off('SIGTERM', hear);
      resolve();
    };
    process.on('SIGINT', hear);
    process.on('SIGTERM', hear);
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

function readText(flag: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw usageError(`--${flag} ${file} cannot be read: ${describeCause(thrown)}`, 'Name a file.');
  }
}

/** Written once at the start as well, so that a wrong place is known at once. */
function writeAudit(file: string, content: string): void {
  try {
    writeFileSync(file, content);
  } catch (thrown) {
    throw usageError(
      `--audit ${file} cannot be written: ${describeCause(thrown)}`,
      'Name a file in a folder that exists.',
    );
  }
}

import type { Options } from 'yargs';
import type { Command } from './command.ts';

const one = (describe: string): Options => ({ type: 'string', requiresArg: true, describe });
const onOff = (describe: string): Options => ({ type: 'boolean', describe });

/** `simulate`: the embedded simulator as a server of its own. */
export const simulateCommand: Command = {
  command: 'simulate',
  describe: 'the embedded Kinesis simulator as a server of its own',
  flags: {
    port: {
      ...one('port of HTTP/1.1 and HTTP/2 in clear text; 0 takes a free one'),
      default: '4567',
    },
    tls: onOff('a second port with TLS, under a certificate made at start'),
    'tls-port': one('port of TLS (default: 4568)'),
    'tls-cert': one('PEM file of your own certificate; with --tls-key'),
    'tls-key': one('PEM file of its key'),
    'control-port': { ...one('port of the status page, audit and faults'), default: '4569' },
    host: { ...one('address to listen on'), default: '127.0.0.1' },
    init: one('scenario file whose target.simulator section to take'),
    stream: one('name of the stream that is there at start (default: simulated)'),
    shards: one('its shards (default: 4)'),
    mode: one('provisioned or on-demand'),
    latency: {
      ...one(
        'zero, aws-like, 5ms (fixed), 6ms,30ms (median, p99) or latency.hlog[:tag] (measured); with ' +
          'OPERATION= before it for one operation; repeatable',
      ),
      array: true,
    },
    fault: {
      ...one('stall,at=20s,for=2s,shards=0+1 or internal-failure,rate=0.1%; repeatable'),
      array: true,
    },
    limits: one('how limits count: bucket, window or off (default: bucket)'),
    transition: one('how long CREATING, UPDATING and DELETING last (default: 100ms)'),
    'scale-every': one('how often an on-demand stream looks at its traffic (default: 1m)'),
    memory: { ...one('records held for readers at the most'), default: '256MiB' },
    credentials: {
      ...one('ID:SECRET whose signatures are taken, and no others; repeatable'),
      array: true,
    },
    'verify-signatures': onOff(
      'the same with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the environment',
    ),
    region: { ...one('region in ARNs'), default: 'us-east-1' },
    seed: { ...one('seed of latency and faults'), default: '1' },
    persist: one('folder to keep streams, records and counts in, and to go on from'),
    audit: one('file to write the audit to when it ends; - for stdout'),
    json: onOff('print one JSON line when ready, and nothing else on stdout'),
  },
  examples: [
    ['$0 simulate --shards 8', 'eight shards on http://127.0.0.1:4567'],
    ['$0 simulate --tls --latency aws-like', 'with TLS and service times'],
    ['$0 simulate --fault call-503,rate=1% --limits window', 'that misbehaves'],
  ],
  run: async (args, io) => (await import('./simulate-action.ts')).simulate(args, io),
};

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PutCall } from '../../../src/simulator/core/put-call.ts';
import { encodeCbor } from '../../../src/simulator/server/cbor.ts';
import { readPutRecordsCbor } from '../../../src/simulator/server/put-fast-cbor.ts';
import { PutRecordsJsonReader } from '../../../src/simulator/server/put-fast-json.ts';

const reader = new PutRecordsJsonReader();
const readPutRecordsJson = (body: Uint8Array, call: PutCall) =>
  reader.read(Buffer.from(body), call, (bytes) => Buffer.alloc(bytes));

interface Entry {
  readonly Data: Uint8Array;
  readonly PartitionKey: string;
  readonly ExplicitHashKey?: string;
}

function entriesOf(call: PutCall): Entry[] {
  return Array.from({ length: call.count }, (_, i) => ({
    Data: new Uint8Array(call.body.subarray(call.dataStart[i], call.dataEnd[i])),
    PartitionKey: Buffer.from(call.body.subarray(call.keyStart[i], call.keyEnd[i])).toString(),
    ...(call.explicitHashKey[i] === '' ? {} : { ExplicitHashKey: call.explicitHashKey[i] ?? '' }),
  }));
}

const key = fc
  .string({ minLength: 1, maxLength: 60, unit: 'grapheme' })
  .filter((text) => Buffer.byteLength(text) <= 256 && JSON.stringify(text) === `"${text}"`);
/** Long enough for the runtime's own decoder. */
const longData = fc
  .tuple(fc.integer({ min: 380, max: 1200 }), fc.nat(255))
  .map(([length, first]) => Uint8Array.from({ length }, (_, i) => first + i * 7));
const entry = fc.record(
  {
    Data: fc.oneof(fc.uint8Array({ maxLength: 200 }), longData),
    PartitionKey: key,
    ExplicitHashKey: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }).map(String),
  },
  { requiredKeys: ['Data', 'PartitionKey'] },
);
const entries = fc.array(entry, { minLength: 1, maxLength: 20 });

const badName = { StreamName: 'a b' };
const longName = { StreamName: 's'.repeat(129) };

function json(list: readonly Entry[], space = 0, tail: object = {}): Uint8Array {
  const Records = list.map((item) => ({
    ...item,
    Data: Buffer.from(item.Data).toString('base64'),
  }));
  return Buffer.from(JSON.stringify({ StreamName: 'stream', Records, ...tail }, null, space));
}

describe('the short way of PutRecords', () => {
  it('reads from JSON what was written', () => {
    fc.assert(
      fc.property(entries, fc.nat(2), (list, space) => {
        const call = new PutCall();
        expect(readPutRecordsJson(json(list, space), call)).toBe(true);
        expect(call.streamName).toBe('stream');
        expect(entriesOf(call)).toEqual(list);
      }),
    );
  });

  it('reads from CBOR what was written', () => {
    fc.assert(
      fc.property(entries, (list) => {
        const call = new PutCall();
        const body = encodeCbor({
          Records: list.map((item) => ({ ...item })),
          StreamName: 'stream',
        });
        expect(readPutRecordsCbor(body, call)).toBe(true);
        expect(entriesOf(call)).toEqual(list);
      }),
    );
  });

  it('never throws and never reads past the end, whatever the bytes', () => {
    const list = [{ Data: Buffer.from('some data'), PartitionKey: 'key' }];
    const bodies = [json(list), encodeCbor({ Records: list, StreamName: 'stream' })];
    fc.assert(
      fc.property(fc.nat(200), fc.nat(255), fc.nat(200), (place, byte, length) => {
        for (const whole of bodies) {
          const body = Uint8Array.from(whole.subarray(0, Math.max(1, length)));
          body[place % body.length] = byte;
          const call = new PutCall();
          for (const read of [readPutRecordsJson, readPutRecordsCbor]) {
            if (!read(body, call)) continue;
            expect(call.dataEnd[0]).toBeLessThanOrEqual(call.body.length);
            expect(call.keyEnd[0]).toBeLessThanOrEqual(call.body.length);
          }
        }
      }),
    );
  });

  it.each([
    ['an escape in a key', [{ Data: Buffer.from('x'), PartitionKey: 'a"b' }], {}],
    ['an empty key', [{ Data: Buffer.from('x'), PartitionKey: '' }], {}],
    ['a key that may be too long', [{ Data: Buffer.from('x'), PartitionKey: 'k'.repeat(257) }], {}],
    [
      'a hash key that is no number',
      [{ Data: Buffer.from('x'), PartitionKey: 'k', ExplicitHashKey: '01' }],
      {},
    ],
    ['an ARN', [{ Data: Buffer.from('x'), PartitionKey: 'k' }], { StreamARN: 'arn' }],
    ['no records', [], {}],
    [
      '501 records',
      Array.from({ length: 501 }, () => ({ Data: Buffer.of(1), PartitionKey: 'k' })),
      {},
    ],
    ['a stream name of other letters', [{ Data: Buffer.of(1), PartitionKey: 'k' }], badName],
    ['a stream name that is too long', [{ Data: Buffer.of(1), PartitionKey: 'k' }], longName],
  ])('leaves %s to the general path', (_, list, tail) => {
    expect(readPutRecordsJson(json(list, 0, tail), new PutCall())).toBe(false);
  });

  it('leaves them in CBOR to the general path too', () => {
    const Records = [{ Data: Buffer.of(1), PartitionKey: 'k' }];
    for (const name of [badName, longName]) {
      expect(readPutRecordsCbor(encodeCbor({ Records, ...name }), new PutCall())).toBe(false);
    }
  });

  it('leaves a second list of records, which takes the place of the first, to the general path', () => {
    const list = '[{"Data":"QQ==","PartitionKey":"k"}]';
    const text = `{"StreamName":"s","Records":${list},"Records":${list}}`;
    expect(readPutRecordsJson(Buffer.from(text), new PutCall())).toBe(false);
    const one = encodeCbor({ Records: [{ Data: Buffer.of(1), PartitionKey: 'k' }] }).subarray(1);
    const name = encodeCbor({ StreamName: 's' }).subarray(1);
    const body = Buffer.concat([Buffer.of(0xa3), name, one, one]);
    expect(readPutRecordsCbor(body, new PutCall())).toBe(false);
  });

  it.each(['QQ', 'QQ=', 'QQ==QQ==', 'QR==', 'QUF=', 'Q*==', '=QQQ', 'QQ==='])(
    'leaves the wrong base64 %s to the general path',
    (data) => {
      const body = `{"StreamName":"s","Records":[{"Data":"${data}","PartitionKey":"k"}]}`;
      expect(readPutRecordsJson(Buffer.from(body), new PutCall())).toBe(false);
    },
  );

  it('leaves a long text with anything but base64 in it to the general path', () => {
    const whole = Buffer.alloc(900, 'kinesis').toString('base64');
    const wrong = fc.constantFrom(...'-_=*"\\ \n');
    fc.assert(
      fc.property(fc.nat(whole.length - 3), wrong, (place, character) => {
        const data = whole.slice(0, place) + character + whole.slice(place + 1);
        const body = `{"StreamName":"s","Records":[{"Data":"${data}","PartitionKey":"k"}]}`;
        expect(readPutRecordsJson(Buffer.from(body), new PutCall())).toBe(false);
      }),
    );
  });
});

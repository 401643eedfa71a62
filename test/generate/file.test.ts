import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadPayloadFiles, loadReplayTimes } from '../../src/generate/file.ts';
import type { RecordKind } from '../../src/generate/kinds.ts';
import { kindOf, make, range } from './support.ts';

const folder = mkdtempSync(join(tmpdir(), 'shardstorm-generate-'));
afterAll(() => rmSync(folder, { recursive: true }));

function kindOfFile(
  name: string,
  text: string | Buffer,
  column: string | null,
  stamp = false,
): RecordKind {
  writeFileSync(join(folder, name), text);
  const format = name.endsWith('.csv') ? 'csv' : name.endsWith('.json') ? 'json' : 'ndjson';
  return kindOf({
    payload: { kind: 'file', file: name, format },
    stamp,
    ...(column !== null && { partitionKey: { kind: 'column', column } }),
  });
}

const replay = (kind: RecordKind, count: number) =>
  make([kind], range(count), { files: loadPayloadFiles([kind], folder) });
const texts = (kind: RecordKind, count: number) =>
  replay(kind, count).map(({ key, payload }) => [key, payload.toString()]);
const failure = (run: () => unknown): string => {
  try {
    run();
    return 'no error';
  } catch (thrown) {
    return (thrown as Error).message.replace(folder, '');
  }
};

describe('payload files', () => {
  it('repeat the lines of NDJSON, with a column as the key', () => {
    const kind = kindOfFile('a.ndjson', '{"k":"ü","n":1}\r\n\n  {"k":2}  \n{"k":"z"}', 'k');
    expect(texts(kind, 4)).toEqual([
      ['ü', '{"k":"ü","n":1}'],
      ['2', '{"k":2}'],
      ['z', '{"k":"z"}'],
      ['ü', '{"k":"ü","n":1}'],
    ]);
  });

  it('send the elements of a JSON array', () => {
    const kind = kindOfFile('a.json', ' [ {"k": "x"}, [1, 2], "t" ] ', null);
    expect(texts(kind, 3).map(([, payload]) => payload)).toEqual(['{"k":"x"}', '[1,2]', '"t"']);
  });

  it('send the records of CSV as they stand, quoted line breaks and all', () => {
    const text = '\ufeffid,name,note\r\n1,"Doe, ""J""","a\nb"\r\n2,Ann,\r\n';
    const rows = ['1,"Doe, ""J""","a\nb"', '2,Ann,'];
    expect(texts(kindOfFile('a.csv', text, 'name'), 2)).toEqual([
      ['Doe, "J"', rows[0]],
      ['Ann', rows[1]],
    ]);
  });

  it('put a stamp into objects as first member, and before anything else', () => {
    const kind = kindOfFile('s.ndjson', '{"a":1}\n{ }\n[1]\n', null, true);
    const [object, empty, array] = replay(kind, 3).map(({ payload }) => payload);
    expect(Object.keys(JSON.parse(object!.toString()))).toEqual(['_stamp', 'a']);
    expect(Object.keys(JSON.parse(empty!.toString()))).toEqual(['_stamp']);
    expect(Buffer.from(JSON.parse(object!.toString())._stamp, 'base64url').length).toBe(32);
    expect([array!.toString('latin1', 0, 4), array!.toString('latin1', 32)]).toEqual([
      'SSv1',
      '[1]',
    ]);
    const [line] = replay(kindOfFile('s.csv', 'h\nrow\n', null, true), 1);
    expect([line!.payload.toString('latin1', 0, 4), line!.payload.toString('latin1', 32)]).toEqual([
      'SSv1',
      'row',
    ]);
  });

  it('name file, line and column of what is wrong', () => {
    const error = (name: string, text: string, column: string | null) =>
      failure(() => loadPayloadFiles([kindOfFile(name, text, column)], folder));
    expect(error('e.ndjson', '{"a":1}\n\n{"a":x}\n', null)).toMatch(
      /^\/e\.ndjson:3: is not JSON: Unexpected token 'x'/,
    );
    expect(error('e.ndjson', '{"a":1}\n{"b":1}', 'a')).toBe('/e.ndjson:2: has no column "a"');
    expect(error('e.ndjson', '{"a":{}}', 'a')).toBe('/e.ndjson:1: column "a" is an object');
    expect(error('e.ndjson', '{"a":""}', 'a')).toContain(
      '/e.ndjson:1: column "a" has 0 characters',
    );
    expect(error('e.ndjson', `{"a":"${'x'.repeat(257)}"}`, 'a')).toContain('has 257 characters');
    expect(error('e.ndjson', '\n \n', null)).toBe('/e.ndjson: has no rows');
    expect(error('e.json', '{"a":1}', null)).toBe('/e.json: is not a JSON array');
    expect(error('e.csv', 'a,b\n1,2\n3\n', 'b')).toBe('/e.csv:3: has no column "b"');
    expect(error('e.csv', 'a,b\n1,2', 'c')).toBe('/e.csv:1: has no column "c"');
    expect(error('e.csv', 'a\n1\n"2\n', null)).toBe('/e.csv:3: a quote is never closed');
    const missing = kindOf({ payload: { kind: 'file', file: 'none.csv', format: 'csv' } });
    expect(failure(() => loadPayloadFiles([missing], folder))).toMatch(
      /^\/none\.csv: cannot be read: ENOENT/,
    );
  });
});

describe('replay times', () => {
  const timesOf = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    const phases = [
      { rate: { kind: 'constant' } },
      { rate: { kind: 'replay', file: name, timeColumn: 't' } },
    ];
    return Array.from(loadReplayTimes(phases, folder)[1] ?? []);
  };

  it('are offsets from the earliest, whatever the clock they are written in', () => {
    expect(timesOf('t.csv', 't\n2001/01/10 18:20\n2001/01/10 18:21\n')).toEqual([0, 60e6]);
    expect(
      timesOf('t.ndjson', '{"t":"2020-01-01T00:00:00.5Z"}\n{"t":"2020-01-01T01:00:00+01:00"}'),
    ).toEqual([5e5, 0]);
    expect(timesOf('t.json', '[{"t":1700000000},{"t":1700000001.5}]')).toEqual([0, 1.5e6]);
    expect(timesOf('t.csv', 't\n1700000000000\n1700000000002\n')).toEqual([0, 2000]);
    expect(timesOf('t.csv', 't\n1700000000000000\n1700000000000002\n')).toEqual([0, 2]);
    expect(timesOf('t.csv', 't\n0.25\n0\n')).toEqual([250_000, 0]);
  });

  it('name the line of what is not a time', () => {
    expect(failure(() => timesOf('t.csv', 't\n5\nsoon\n'))).toBe(
      '/t.csv:3: column "t": "soon" is not a time',
    );
  });
});

import { createSocket, type Socket } from 'node:dgram';
import { afterEach, describe, expect, it } from 'vitest';
import { ClockWatch } from '../../src/cli/run-clock.ts';
import { estimateOffset } from '../../src/core/clock-offset.ts';
import { askTime, parseTimeSource } from '../../src/transport/time-source.ts';

const EPOCH_SECONDS = 2_208_988_800;

interface Behaviour {
  /** By how much the server's clock differs from ours. */
  readonly aheadUs: number;
  /** How much of that comes when it is asked again. */
  readonly laterUs?: number;
  readonly change?: (answer: Buffer) => void;
}

const nowUs = () => (performance.timeOrigin + performance.now()) * 1000;
let server: Socket | null = null;
afterEach(() => {
  server?.close();
  server = null;
});

/** A time server. @returns its URL, and how often it was asked */
async function serve({ aheadUs, laterUs = 0, change }: Behaviour) {
  const socket = createSocket('udp4');
  server = socket;
  const state = { url: '', asked: 0 };
  socket.on('message', (question, from) => {
    state.asked++;
    const answer = Buffer.alloc(48);
    answer[0] = 0x24;
    answer[1] = 2;
    question.copy(answer, 24, 40, 48);
    const atUs = nowUs() + aheadUs + (state.asked > 16 ? laterUs : 0);
    writeTime(answer, 32, atUs);
    writeTime(answer, 40, atUs);
    change?.(answer);
    socket.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  state.url = `ntp://127.0.0.1:${socket.address().port}`;
  return state;
}

function writeTime(packet: Buffer, at: number, unixUs: number): void {
  const seconds = Math.floor(unixUs / 1e6);
  packet.writeUInt32BE((seconds + EPOCH_SECONDS) % 2 ** 32, at);
  packet.writeUInt32BE(Math.floor(((unixUs / 1e6 - seconds) * 2 ** 32) % 2 ** 32), at + 4);
}

function sourceOf(url: string) {
  const source = parseTimeSource(url);
  if (source === null) throw new Error(url);
  return source;
}

describe('a time server', () => {
  it.each([500_000, -500_000])('tells that its clock differs by %d us', async (aheadUs) => {
    const served = await serve({ aheadUs });
    const { exchanges, problem } = await askTime(sourceOf(served.url), nowUs);
    expect(problem).toBe('');
    expect(exchanges).toHaveLength(16);
    expect(served.asked).toBe(16);
    const offset = estimateOffset(exchanges);
    // The error that is claimed is the only tolerance, and an NTP fraction is not finer than a quarter of a nanosecond.
    const missed = Math.abs((offset?.offsetUs ?? Number.NaN) + aheadUs);
    expect(missed).toBeLessThanOrEqual((offset?.errorUs ?? 0) + 1);
  });

  it('with other delays there than back is told within the error that is claimed', async () => {
    const served = await serve({ aheadUs: 0 });
    const { exchanges } = await askTime(sourceOf(served.url), nowUs);
    const slanted = exchanges.map((exchange) => ({
      ...exchange,
      answeredUs: exchange.answeredUs + 80_000,
    }));
    const offset = estimateOffset(slanted);
    expect(offset?.errorUs).toBeGreaterThan(40_000 - 1);
    expect(Math.abs(offset?.offsetUs ?? Number.NaN)).toBeLessThanOrEqual(offset?.errorUs ?? 0);
  });

  it.each<[string, Behaviour['change'], RegExp]>([
    [
      'that refuses',
      (answer) => {
        answer[1] = 0;
        answer.write('RATE', 12, 'latin1');
      },
      /refused: RATE/,
    ],
    [
      'that has no time itself',
      (answer) => {
        answer[0] = 0xe4;
      },
      /not synchronised/,
    ],
    [
      'that is none',
      (answer) => {
        answer[0] = 0x23;
      },
      /mode 3/,
    ],
  ])('%s leaves the offset unknown, and is not asked on', async (_, change, reason) => {
    const served = await serve({ aheadUs: 0, ...(change === undefined ? {} : { change }) });
    const { exchanges, problem } = await askTime(sourceOf(served.url), nowUs);
    expect(exchanges).toEqual([]);
    expect(problem).toMatch(reason);
    expect(served.asked).toBe(3);
  });

  it('that is not there is said to be so, and stops nothing', async () => {
    const served = await serve({ aheadUs: 0 });
    server?.close();
    server = null;
    const said: string[] = [];
    const watch = new ClockWatch(sourceOf(served.url), {
      note: (sentence) => said.push(sentence),
      warn: (sentence) => said.push(sentence),
    });
    await watch.begin();
    await watch.end();
    expect(watch.check).toBeNull();
    expect(watch.correctionUs).toBe(0);
    expect(said).toEqual([expect.stringMatching(/does not tell the time .* stays unknown/)]);
    // The share's result says so too.
    expect(watch.warnings).toEqual(said);
  });

  it.each([
    ['gained', -50_000],
    ['lost', 50_000],
  ])('whose distance changes tells that this clock %s', async (word, laterUs) => {
    const served = await serve({ aheadUs: 0, laterUs });
    const watch = new ClockWatch(sourceOf(served.url), { note: () => {}, warn: () => {} });
    await watch.begin();
    const errorUs = watch.check?.errorUs ?? Number.NaN;
    await watch.end();
    expect(Math.abs((watch.check?.driftUs ?? Number.NaN) + laterUs)).toBeLessThan(2 * errorUs);
    expect(watch.warnings).toEqual([
      expect.stringMatching(
        new RegExp(`^The clock ${word} .* against 127\\.0\\.0\\.1 during the run`),
      ),
    ]);
  });

  it('shifts a start by what is certain, and is asked again for the drift', async () => {
    const served = await serve({ aheadUs: 500_000 });
    const said: string[] = [];
    const words = {
      note: (text: string) => said.push(text),
      warn: (text: string) => said.push(text),
    };
    const watch = new ClockWatch(sourceOf(served.url), words);
    await watch.begin();
    expect(said).toEqual([expect.stringMatching(/behind 127\.0\.0\.1.*the start is corrected/)]);
    expect(watch.check?.driftUs).toBeNull();
    expect(Math.abs(watch.correctionUs + 500_000)).toBeLessThan(watch.check?.errorUs ?? 0);
    await watch.end();
    expect(served.asked).toBe(32);
    expect(watch.warnings).toEqual([]);
    expect(Math.abs(watch.check?.driftUs ?? Number.NaN)).toBeLessThan(
      2 * (watch.check?.errorUs ?? 0),
    );
  });

  it.each(['ntp://', 'http://a', 'ntp://a:0', 'ntp://a:70000', 'ntp://user@a', 'a'])(
    'is not %s',
    (text) => {
      expect(parseTimeSource(text)).toBeNull();
    },
  );

  it('may be an address of either kind, with or without a port', () => {
    expect(parseTimeSource('ntp://169.254.169.123')).toMatchObject({ port: 123 });
    expect(parseTimeSource('ntp://[fd00:ec2::123]:1123')).toMatchObject({
      host: 'fd00:ec2::123',
      port: 1123,
    });
  });
});

/**
 * A time server, asked over UDP (SNTP, RFC 4330 and 5905: 48 bytes each way). In: its URL. Out: exchanges, from which
 * core/clock-offset.ts tells how far this machine's clock is off. It only asks: no clock is ever set. Bounded: a fixed number
 * of questions, each waiting a bounded time, so a server that is not there costs less than two seconds.
 */
import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import type { ClockExchange } from '../core/clock-offset.ts';
import { describeCause } from '../core/errors.ts';

/** Where time is asked for. */
export interface TimeSource {
  /** As it was given. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
}

/** What came of asking: exchanges, or why there are none. */
export interface TimeAnswers {
  readonly exchanges: readonly ClockExchange[];
  /** '' when there are exchanges. */
  readonly problem: string;
}

const NTP_PORT = 123;
const PACKET_BYTES = 48;
/** No leap warning, version 4, mode 3 (client). */
const CLIENT_HEAD = 0x23;
const MODE_SERVER = 4;
const LEAP_UNSYNCHRONISED = 3;
const QUESTIONS = 16;
/** One question waits this long for its answer. */
const ANSWER_MS = 500;
/** After this many questions without an answer a server is not asked further. */
const SILENCE_MAX = 3;
/** From 1900, where NTP's seconds begin, to 1970. */
const EPOCH_SECONDS = 2_208_988_800;
/** NTP's seconds start again every 2^32: the answer is of the era that is nearest to our own clock. */
const ERA_SECONDS = 2 ** 32;

/** `ntp://host[:port]`; null: it is not of that form. */
export function parseTimeSource(text: string): TimeSource | null {
  const match = /^ntp:\/\/(?:\[([0-9a-f:.]+)\]|([^\s/:[\]@]+))(?::(\d{1,5}))?\/?$/i.exec(
    text.trim(),
  );
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? NTP_PORT);
  if (host === undefined || port < 1 || port > 65_535) return null;
  return { url: text.trim(), host, port };
}

/** Asks sixteen times, one question after the other. @param nowUs this machine's clock, Unix microseconds */
export async function askTime(
  { host, port }: TimeSource,
  nowUs: () => number,
): Promise<TimeAnswers> {
  let socket: Socket | null = null;
  try {
    const { address, family } = await lookup(host);
    socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    await connect(socket, port, address);
    return await askAll(socket, nowUs);
  } catch (thrown) {
    return { exchanges: [], problem: describeCause(thrown) };
  } finally {
    socket?.close();
  }
}

async function askAll(socket: Socket, nowUs: () => number): Promise<TimeAnswers> {
  const exchanges: ClockExchange[] = [];
  let silences = 0;
  let problem = '';
  for (let i = 0; i < QUESTIONS && silences < SILENCE_MAX; i++) {
    const answer = await askOnce(socket, nowUs);
    if (typeof answer === 'string') {
      silences++;
      problem = answer;
    } else exchanges.push(answer);
  }
  return exchanges.length > 0 ? { exchanges, problem: '' } : { exchanges, problem };
}

function connect(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.connect(port, address, () => {
      socket.off('error', reject);
      resolve();
    });
  });
}

/** One exchange, or why it failed. */
function askOnce(socket: Socket, nowUs: () => number): Promise<ClockExchange | string> {
  return new Promise((resolve) => {
    const question = Buffer.alloc(PACKET_BYTES);
    question[0] = CLIENT_HEAD;
    // A server sends this back: an answer to another question, or a forged one, does not have it.
    const cookie = randomBytes(8);
    cookie.copy(question, 40);
    const end = (result: ClockExchange | string) => {
      clearTimeout(timer);
      socket.off('message', onMessage);
      socket.off('error', onError);
      resolve(result);
    };
    const onMessage = (packet: Buffer) => {
      const answeredUs = nowUs();
      if (packet.length < PACKET_BYTES || !packet.subarray(24, 32).equals(cookie)) return;
      const times = readAnswer(packet, answeredUs);
      end(typeof times === 'string' ? times : { askedUs, answeredUs, ...times });
    };
    const onError = (error: Error) => end(describeCause(error));
    const timer = setTimeout(() => end(`no answer within ${ANSWER_MS} ms`), ANSWER_MS);
    socket.on('message', onMessage);
    socket.on('error', onError);
    const askedUs = nowUs();
    socket.send(question);
  });
}

/** The server's two times, or why it has none to give. */
function readAnswer(
  packet: Buffer,
  nearUs: number,
): Pick<ClockExchange, 'receivedUs' | 'sentUs'> | string {
  const head = packet.readUInt8(0);
  const stratum = packet.readUInt8(1);
  if ((head & 7) !== MODE_SERVER) return `it answered in mode ${head & 7}, which is no server's`;
  // A "kiss of death": four letters say why, such as RATE.
  if (stratum === 0) return `it refused: ${packet.toString('latin1', 12, 16).replace(/\W/g, '')}`;
  if (head >> 6 === LEAP_UNSYNCHRONISED) return 'its own clock is not synchronised';
  return { receivedUs: readTime(packet, 32, nearUs), sentUs: readTime(packet, 40, nearUs) };
}

/** An NTP timestamp, 32 bits of seconds and 32 of their fraction, as Unix microseconds. */
function readTime(packet: Buffer, at: number, nearUs: number): number {
  const seconds = packet.readUInt32BE(at) - EPOCH_SECONDS;
  const eras = Math.round((nearUs / 1e6 - seconds) / ERA_SECONDS);
  const fraction = packet.readUInt32BE(at + 4) / 2 ** 32;
  return (seconds + eras * ERA_SECONDS) * 1e6 + fraction * 1e6;
}

import { INTERNAL_FAILURE, SERVICE_UNAVAILABLE } from '../kinesis/error-codes.ts';
import type { PutRecordsAnswer } from '../kinesis/put-records.ts';
import { textOf } from './answer-reader.ts';
import type { CborAnswerReader } from './cbor-answer.ts';

const BRACE_OPEN = 0x7b;
const ANGLE_OPEN = 0x3c;
/** A message of the service is a sentence; a proxy's page is not worth keeping whole. */
const MESSAGE_LENGTH_MAX = 500;

/**
 * Fails the answer with what an error response says: code from the `x-amzn-errortype` header or the
 * body's `__type`, in JSON, CBOR or XML; a code made of the status when it says nothing.
 * @param body `body[0, length)`
 */
export function readErrorAnswer(
  answer: PutRecordsAnswer,
  httpStatus: number,
  errorTypeHeader: string,
  body: Uint8Array,
  length: number,
  cbor: CborAnswerReader,
): void {
  const texts = bodyTexts(body, length, cbor);
  const type = errorTypeHeader || texts.get('code') || texts.get('__type') || '';
  const message = texts.get('message') ?? texts.get('Message') ?? `HTTP status ${httpStatus}`;
  const code = bareErrorCode(type) || codeOfStatus(httpStatus);
  answer.fail('failed', code, message.slice(0, MESSAGE_LENGTH_MAX), httpStatus);
}

/** `com.amazon#Name:http://…` is Name. */
function bareErrorCode(type: string): string {
  const [first = ''] = type.split(/[:,]/, 1);
  return first.slice(first.indexOf('#') + 1).trim();
}

function codeOfStatus(httpStatus: number): string {
  if (httpStatus === 500) return INTERNAL_FAILURE;
  return httpStatus === 503 ? SERVICE_UNAVAILABLE : `Http${httpStatus}`;
}

function bodyTexts(
  body: Uint8Array,
  length: number,
  cbor: CborAnswerReader,
): ReadonlyMap<string, string> {
  if (length === 0) return new Map();
  if (body[0] === BRACE_OPEN) return jsonTexts(textOf(body, 0, length));
  if (body[0] === ANGLE_OPEN) return xmlTexts(textOf(body, 0, length));
  return cbor.readTexts(body, length) ?? new Map();
}

function jsonTexts(body: string): ReadonlyMap<string, string> {
  try {
    const members = Object.entries(JSON.parse(body) as object);
    return new Map(members.filter((member) => typeof member[1] === 'string'));
  } catch {
    return new Map();
  }
}

/** `<Name><Message>…`, as the service answers requests whose operation it cannot tell. */
function xmlTexts(body: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const type = /^<([A-Za-z]+Exception)\b/.exec(body)?.[1];
  const message = /<Message>([^<]*)<\/Message>/i.exec(body)?.[1];
  if (type !== undefined) texts.set('__type', type);
  if (message !== undefined) texts.set('message', message);
  return texts;
}

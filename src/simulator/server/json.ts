import { type Output, Timestamp } from '../operations/operation.ts';

/** An answer in AWS JSON 1.1: blobs in base64, times in seconds with a fraction. */
export function encodeJson(value: Output): Uint8Array {
  return Buffer.from(JSON.stringify(plain(value)), 'utf8');
}

function plain(value: Output): unknown {
  if (value instanceof Timestamp) return value.epochMs / 1000;
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64');
  }
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item)]));
}

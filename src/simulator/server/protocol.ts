import { ServiceError } from '../core/service-error.ts';
import type { Output } from '../operations/operation.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { encodeJson } from './json.ts';

/** What a body came in: decides how blobs and times look, and what the answer comes in. */
export type Protocol = 'json' | 'cbor';

export const CONTENT_TYPES: Readonly<Record<Protocol, string>> = {
  json: 'application/x-amz-json-1.1',
  cbor: 'application/x-amz-cbor-1.1',
};

/** null for a content type that the service does not take. */
export function protocolOf(contentType: string): Protocol | null {
  if (contentType === CONTENT_TYPES.json) return 'json';
  return contentType === CONTENT_TYPES.cbor ? 'cbor' : null;
}

/** An answer's body; a null value has none. */
export function encode(
  value: { readonly [member: string]: Output } | null,
  protocol: Protocol,
): Uint8Array {
  if (value === null) return new Uint8Array(0);
  return protocol === 'json' ? encodeJson(value) : encodeCbor(value);
}

/** @throws ServiceError SerializationException for anything but a structure or a list */
export function parse(body: Buffer, protocol: Protocol): unknown {
  let value: unknown;
  try {
    value = protocol === 'cbor' ? decodeCbor(body) : JSON.parse(body.toString('utf8'));
  } catch {
    value = null;
  }
  if (typeof value === 'object' && value !== null) return value;
  throw new ServiceError('SerializationException', '');
}

/**
 * Signature version 4, checked the service's way: the canonical request is built anew from what arrived (AWS General
 * Reference, "Signature Version 4"). In: a request whose header is complete. Out: nothing, or the service's error.
 */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { ServiceError } from '../core/service-error.ts';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface SignedRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Uint8Array;
}

const FIELDS =
  /^AWS4-HMAC-SHA256\s+Credential=([^/,]+)\/(\d{8}\/[^/]+\/[^/]+\/aws4_request),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/;

/** @throws ServiceError UnrecognizedClientException or InvalidSignatureException */
export function verifySignature(request: SignedRequest, credentials: readonly Credentials[]): void {
  const header = String(request.headers['authorization'] ?? '');
  const [, keyId = '', scope = '', signedHeaders = '', signature = ''] = FIELDS.exec(header) ?? [];
  const owner = credentials.find(({ accessKeyId }) => accessKeyId === keyId);
  if (owner === undefined) {
    throw new ServiceError(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    );
  }
  const expected = signatureOf(request, signedHeaders, scope, owner.secretAccessKey);
  if (timingSafeEqual(Buffer.from(expected), Buffer.from(signature, 'hex'))) return;
  throw new ServiceError(
    'InvalidSignatureException',
    'The request signature we calculated does not match the signature you provided. ' +
      'Check your AWS Secret Access Key and signing method. ' +
      'Consult the service documentation for details.',
  );
}

function signatureOf(
  { method, url, headers, body }: SignedRequest,
  signedHeaders: string,
  scope: string,
  secret: string,
): Buffer {
  const [path = '/', query = ''] = url.split('?', 2);
  const names = signedHeaders.split(';');
  const canonical = [
    method,
    path,
    query.split('&').sort().join('&'),
    ...names.map((name) => `${name}:${headerText(headers, name)}`),
    '',
    signedHeaders,
    sha256(body),
  ].join('\n');
  const text = [
    'AWS4-HMAC-SHA256',
    headerText(headers, 'x-amz-date') || headerText(headers, 'date'),
    scope,
    sha256(Buffer.from(canonical)),
  ].join('\n');
  let key: Buffer = Buffer.from(`AWS4${secret}`);
  for (const part of scope.split('/')) key = hmac(key, part);
  return hmac(key, text);
}

/** HTTP/2 sends the host as `:authority`. */
function headerText(headers: SignedRequest['headers'], name: string): string {
  const value = headers[name] ?? (name === 'host' ? headers[':authority'] : undefined);
  const text = Array.isArray(value) ? value.join(',') : String(value ?? '');
  return text.trim().replace(/ +/g, ' ');
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

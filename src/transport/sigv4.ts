/**
 * AWS Signature Version 4 for one endpoint: POST requests of one service with a fixed set of
 * headers, so that only the date, the credentials and the body's hash change from call to call.
 * Equal to @smithy/signature-v4 by property test. Source: "Create a signed AWS API request", IAM User
 * Guide, read 2026-11-23.
 */
import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials; null of permanent ones. */
  readonly sessionToken: string | null;
}

export interface SigningScope {
  readonly region: string;
  readonly service: string;
  /** Host header: host name, and the port unless it is the scheme's own. */
  readonly host: string;
  /** Path of the request as sent, percent-encoded. */
  readonly path: string;
  readonly contentType: string;
  /** `X-Amz-Target` header. */
  readonly target: string;
}

/** What a signed request carries beside the headers of its scope. */
export interface Signature {
  /** `X-Amz-Date` header. */
  readonly date: string;
  /** `Authorization` header. */
  readonly authorization: string;
}

/** Signs requests of one scope; keeps the signing key of the day and the text of the second. */
export class Signer {
  readonly #scope: SigningScope;
  readonly #canonicalPath: string;
  #keyDay = '';
  #keyCredentials: Credentials | null = null;
  /** As an object: from bytes, Node 24 makes one for each signature, at 7 µs. */
  #key: KeyObject | null = null;
  #dateSecond = Number.NaN;
  #date = '';

  constructor(scope: SigningScope) {
    this.#scope = scope;
    this.#canonicalPath = canonicalPath(scope.path);
  }

  /**
   * @param body the whole body; hashed once
   * @param epochMs Unix milliseconds
   */
  sign(body: Uint8Array, credentials: Credentials, epochMs: number): Signature {
    const { region, service, host, contentType, target } = this.#scope;
    const date = this.#dateText(epochMs);
    const day = date.slice(0, 8);
    const token = credentials.sessionToken;
    const tokenLine = token === null ? '' : `x-amz-security-token:${token}\n`;
    const tokenName = token === null ? '' : 'x-amz-security-token;';
    const signedHeaders = `content-type;host;x-amz-date;${tokenName}x-amz-target`;
    const canonical =
      `POST\n${this.#canonicalPath}\n\n` +
      `content-type:${contentType}\nhost:${host}\nx-amz-date:${date}\n` +
      `${tokenLine}x-amz-target:${target}\n\n` +
      `${signedHeaders}\n${sha256Hex(body)}`;
    const scope = `${day}/${region}/${service}/aws4_request`;
    const text = `AWS4-HMAC-SHA256\n${date}\n${scope}\n${sha256Hex(canonical)}`;
    const signature = createHmac('sha256', this.#signingKey(day, credentials)).update(text);
    return {
      date,
      authorization:
        `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, ` +
        `SignedHeaders=${signedHeaders}, Signature=${signature.digest('hex')}`,
    };
  }

  #signingKey(day: string, credentials: Credentials): KeyObject {
    if (this.#key !== null && day === this.#keyDay && credentials === this.#keyCredentials) {
      return this.#key;
    }
    const { region, service } = this.#scope;
    let bytes = hmac(`AWS4${credentials.secretAccessKey}`, day);
    for (const part of [region, service, 'aws4_request']) bytes = hmac(bytes, part);
    const key = createSecretKey(bytes);
    this.#key = key;
    this.#keyDay = day;
    this.#keyCredentials = credentials;
    return key;
  }

  /** `YYYYMMDDTHHMMSSZ`. */
  #dateText(epochMs: number): string {
    const second = Math.floor(epochMs / 1000);
    if (second !== this.#dateSecond) {
      this.#dateSecond = second;
      this.#date = `${new Date(second * 1000).toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`;
    }
    return this.#date;
  }
}

/** The path with dots resolved and every segment encoded once more, as all services but S3 want it. */
function canonicalPath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(encodeSegment(segment));
  }
  const isFolder = segments.length > 0 && path.endsWith('/');
  return `/${segments.join('/')}${isFolder ? '/' : ''}`;
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function sha256Hex(data: Uint8Array | string): string {
  return hash('sha256', data, 'hex');
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/**
 * A self-signed certificate, made at start: X.509 version 3, ECDSA P-256, good for a year, for localhost and the loopback
 * addresses (RFC 5280). Node has no call for it, and the few DER types it needs are written here.
 */
import { createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

export interface Certificate {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
}

const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectId: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  sequence: 0x30,
  set: 0x31,
} as const;

/** DER of object identifiers, content only. */
const OID = {
  commonName: Buffer.from('550403', 'hex'),
  ecdsaWithSha256: Buffer.from('2a8648ce3d040302', 'hex'),
  subjectAltName: Buffer.from('551d11', 'hex'),
  basicConstraints: Buffer.from('551d13', 'hex'),
} as const;

const YEAR_MS = 366 * 86_400_000;
const HOUR_MS = 3_600_000;

/** @param hosts DNS names and IPv4 addresses beside localhost */
export function selfSignedCertificate(nowMs: number, hosts: readonly string[] = []): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const algorithm = der(TAG.sequence, der(TAG.objectId, OID.ecdsaWithSha256));
  const name = der(
    TAG.sequence,
    der(
      TAG.set,
      der(TAG.sequence, der(TAG.objectId, OID.commonName), der(TAG.utf8, Buffer.from('localhost'))),
    ),
  );
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const body = der(
    TAG.sequence,
    der(0xa0, der(TAG.integer, Buffer.of(2))),
    der(TAG.integer, serial),
    algorithm,
    name,
    der(TAG.sequence, utcTime(nowMs - HOUR_MS), utcTime(nowMs + YEAR_MS)),
    name,
    publicKey,
    der(0xa3, der(TAG.sequence, constraints(), alternativeNames(hosts))),
  );
  const signature = sign('sha256', body, createPrivateKey(privateKey));
  const whole = der(TAG.sequence, body, algorithm, der(TAG.bitString, Buffer.of(0), signature));
  const lines = whole.toString('base64').match(/.{1,64}/g) ?? [];
  const cert = `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
  return { key: privateKey, cert };
}

/** It is its own authority, so that a client may be given it as one. */
function constraints(): Buffer {
  const isAuthority = der(TAG.sequence, der(TAG.boolean, Buffer.of(0xff)));
  return der(
    TAG.sequence,
    der(TAG.objectId, OID.basicConstraints),
    der(TAG.boolean, Buffer.of(0xff)),
    der(TAG.octetString, isAuthority),
  );
}

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = [...new Set(['localhost', '127.0.0.1', ...hosts])].map((host) => {
    const isAddress = /^\d+\.\d+\.\d+\.\d+$/.test(host);
    return isAddress
      ? der(0x87, Buffer.from(host.split('.').map(Number)))
      : der(0x82, Buffer.from(host));
  });
  const loopback6 = Buffer.alloc(16);
  loopback6[15] = 1;
  const list = der(TAG.sequence, ...names, der(0x87, loopback6));
  return der(TAG.sequence, der(TAG.objectId, OID.subjectAltName), der(TAG.octetString, list));
}

/** `YYMMDDHHMMSSZ` */
function utcTime(epochMs: number): Buffer {
  const text = new Date(epochMs).toISOString().replace(/[-:T]|\.\d+/g, '');
  return der(TAG.utcTime, Buffer.from(text.slice(2)));
}

/** Tag, length, content. */
function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  if (length < 0x100) return Buffer.concat([Buffer.of(tag, 0x81, length), content]);
  return Buffer.concat([Buffer.of(tag, 0x82, length >> 8, length & 0xff), content]);
}

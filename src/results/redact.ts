/**
 * Keeps secrets and account ids out of result files, whatever a message, a tag or a target brought in. In: any text. Out:
 * the same text with each such part masked. It works by shape, so it is a last defence; nothing here is meant to pass one.
 */

const MASK = '************';

const RULES: readonly (readonly [RegExp, string])[] = [
  // The account in an ARN: arn:aws:kinesis:us-east-1:123456789012:stream/x.
  [/\b(arn:aws[\w-]*:[\w-]*:[\w-]*:)\d{12}\b/g, `$1${MASK}`],
  // The service's messages: "under account 123456789012", "account id: 123456789012".
  [/\b(account(?:[ _-]?id)?["']?\s*[:=]?\s*["']?)\d{12}\b/gi, `$1${MASK}`],
  // Access key ids.
  [/\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{12,}\b/g, MASK],
  // Signatures and tokens in headers, query strings and messages.
  [/\b(Signature=)[0-9a-f]{16,}/gi, `$1${MASK}`],
  [
    /\b(X-Amz-(?:Signature|Security-Token|Credential)["']?\s*[:=]\s*["']?)[^\s"'&,]+/gi,
    `$1${MASK}`,
  ],
  [
    /((?:secret[ _-]?access[ _-]?key|secretAccessKey|session[ _-]?token|sessionToken)["']?\s*[:=]\s*["']?)[^\s"'&,]+/gi,
    `$1${MASK}`,
  ],
  [/\b(Credential=)[^\s,/&]+/gi, `$1${MASK}`],
  // User and password in a URL.
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]+:[^\s/@]+@/gi, `$1${MASK}@`],
];

/** The text without credentials, signatures and account ids. */
export function redact(text: string): string {
  return RULES.reduce((clean, [shape, mask]) => clean.replace(shape, mask), text);
}

/** JSON of a value, every string in it redacted. */
export function redactedJson(value: unknown, indent = 0): string {
  const clean = (_: string, part: unknown) => (typeof part === 'string' ? redact(part) : part);
  return JSON.stringify(value, clean, indent);
}

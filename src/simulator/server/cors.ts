import type { IncomingHttpHeaders } from 'node:http';

const EXPOSED =
  'x-amzn-RequestId,x-amzn-ErrorType,x-amz-request-id,x-amz-id-2,x-amzn-ErrorMessage,Date';
/** Two days, as the service says. */
const PREFLIGHT_AGE_SECONDS = 172_800;

/** Headers that let a browser read the answer; none for a request that is no browser's. */
export function corsHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  if (headers.origin === undefined) return {};
  return { 'Access-Control-Allow-Origin': '*', 'Access-Control-Expose-Headers': EXPOSED };
}

/** Headers of the answer to a browser's question before its request. */
export function preflightHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const asked = (name: string) => String(headers[name] ?? '');
  return {
    ...corsHeaders(headers),
    'Access-Control-Allow-Headers': asked('access-control-request-headers'),
    'Access-Control-Allow-Methods': asked('access-control-request-method'),
    'Access-Control-Max-Age': String(PREFLIGHT_AGE_SECONDS),
  };
}

import { ServiceError } from '../core/service-error.ts';

const HEADER_PARTS = ['Credential', 'Signature', 'SignedHeaders'] as const;
const QUERY_PARTS = [
  'X-Amz-Credential',
  'X-Amz-Signature',
  'X-Amz-SignedHeaders',
  'X-Amz-Date',
] as const;

/**
 * A signature must be there and complete, in the header or in the query; it is not verified.
 * @throws ServiceError MissingAuthenticationTokenException, IncompleteSignatureException, InvalidSignatureException
 */
export function checkSigned(headers: Readonly<Record<string, unknown>>, query: string): void {
  const header = headers['authorization'];
  const isInQuery = query.includes('X-Amz-Algorithm=');
  const isInHeader = typeof header === 'string' && header !== '';
  if (isInHeader && isInQuery) {
    throw new ServiceError(
      'InvalidSignatureException',
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    );
  }
  if (isInHeader) checkHeader(header, headers);
  else if (isInQuery) checkQuery(query);
  else
    throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token');
}

function checkHeader(header: string, headers: Readonly<Record<string, unknown>>): void {
  const missing = HEADER_PARTS.filter((part) => !header.includes(`${part}=`)).map(
    (part) => `Authorization header requires '${part}' parameter. `,
  );
  if (headers['x-amz-date'] === undefined && headers['date'] === undefined) {
    missing.push(
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
    );
  }
  if (missing.length === 0) return;
  throw new ServiceError(
    'IncompleteSignatureException',
    `${missing.join('')}Authorization=${header}`,
  );
}

function checkQuery(query: string): void {
  const missing = QUERY_PARTS.filter((part) => !query.includes(`${part}=`)).map(
    (part) => `AWS query-string parameters must include '${part}'. `,
  );
  if (missing.length === 0) return;
  throw new ServiceError(
    'IncompleteSignatureException',
    `${missing.join('')}Re-examine the query-string parameters.`,
  );
}

/** Unix milliseconds at which the client says that it signed; null when it does not say. */
export function signedAtMs(headers: Readonly<Record<string, unknown>>): number | null {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(headers['x-amz-date']));
  if (parts === null) return null;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts
    .slice(1)
    .map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

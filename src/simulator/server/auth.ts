import { ServiceError } from '../core/service-error.ts';

const PARTS = ['Credential', 'Signature', 'SignedHeaders'] as const;

/**
 * A signature must be there and complete; it is not verified.
 * @throws ServiceError MissingAuthenticationTokenException or IncompleteSignatureException
 */
export function checkSigned(headers: Readonly<Record<string, unknown>>, query: string): void {
  const authorization = headers['authorization'];
  const isInQuery = query.includes('X-Amz-Algorithm=');
  if (typeof authorization !== 'string' || authorization === '') {
    if (isInQuery) return;
    throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  if (isInQuery) {
    throw new ServiceError(
      'InvalidSignatureException',
      "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.",
    );
  }
  let missing = '';
  for (const part of PARTS) {
    if (!authorization.includes(`${part}=`)) {
      missing += `Authorization header requires '${part}' parameter. `;
    }
  }
  if (headers['x-amz-date'] === undefined && headers['date'] === undefined) {
    missing +=
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  }
  if (missing !== '') {
    throw new ServiceError(
      'IncompleteSignatureException',
      `${missing}Authorization=${authorization.split('=')[0] ?? ''}`,
    );
  }
}

import type { ErrorCode } from '../errors/error.ts';
import { isSspError, SspError } from '../errors/error.ts';

/** What the client throws, as far as it is looked at. Nothing of it is passed on: it holds headers. */
interface ClientFailure {
  readonly name?: string;
  readonly message?: string;
  readonly statusCode?: number | undefined;
  readonly body?: unknown;
}

/** What Elasticsearch says of a failed request, or of one of several in a request. */
export interface ClusterFailure {
  readonly status: number;
  readonly error?: FailureCause | string | undefined;
}

export interface FailureCause {
  readonly type?: string | undefined;
  readonly reason?: string | null | undefined;
  readonly root_cause?: readonly FailureCause[] | undefined;
  readonly caused_by?: FailureCause | undefined;
  readonly failed_shards?: readonly { readonly reason?: FailureCause }[] | undefined;
}

/** Errors that may be gone when the same is asked again. */
const passing: ReadonlySet<string> = new Set<ErrorCode>([
  'SSP_CLUSTER_UNREACHABLE',
  'SSP_CLUSTER_UNAVAILABLE',
  'SSP_CLUSTER_TIMEOUT',
  'SSP_CLUSTER_OVERLOADED',
]);

/** Whether the same request may succeed later. */
export function isPassing(error: unknown): boolean {
  return isSspError(error) && passing.has(error.code);
}

/** A failure of the client as an error of the catalogue; one that has a code already as it is. */
export function clusterError(url: string, failure: unknown): SspError {
  if (isSspError(failure)) return failure;
  const { name, message = '', statusCode, body } = failure as ClientFailure;
  const problem = oneLine(message);
  switch (name ?? '') {
    case 'ResponseError':
      return failedReply(url, { status: statusCode ?? 0, error: causeIn(body) ?? problem });
    case 'TimeoutError':
      return new SspError('SSP_CLUSTER_TIMEOUT', { url, problem: 'no reply' });
    case 'ConnectionError':
    case 'NoLivingConnectionsError':
      if (/timeout/i.test(problem)) return new SspError('SSP_CLUSTER_TIMEOUT', { url, problem });
      return isOfCertificate(problem)
        ? new SspError('SSP_CLUSTER_CERTIFICATE', { url, problem })
        : new SspError('SSP_CLUSTER_UNREACHABLE', { url, problem });
    case 'ProductNotSupportedError':
      return new SspError('SSP_CLUSTER_FOREIGN', {
        url,
        problem: 'its replies do not say that they are',
      });
    case 'DeserializationError':
      return new SspError('SSP_CLUSTER_FOREIGN', { url, problem: 'its reply is not JSON' });
    default:
      return new SspError('SSP_CLUSTER_FAILED', { url, problem });
  }
}

/** What a reply means that tells of a failure. */
export function failedReply(url: string, { status, error }: ClusterFailure): SspError {
  const causes = typeof error === 'object' ? allCauses(error) : [];
  const types = causes.map(({ type = '' }) => type);
  const reason =
    typeof error === 'string' ? error : (causes.at(-1)?.reason ?? causes[0]?.type ?? '');
  const problem = oneLine(reason === '' ? `status ${status}` : reason);
  const has = (pattern: RegExp): boolean => types.some((type) => pattern.test(type));
  if (status === 401) {
    return new SspError('SSP_CLUSTER_UNAUTHORIZED', {
      url,
      problem: 'they are missing or wrong (401)',
    });
  }
  if (
    has(/cluster_block/) &&
    /read-only|flood|FORBIDDEN\/(5|8|12)\//i.test(`${causes[0]?.reason ?? ''}${problem}`)
  ) {
    return new SspError('SSP_CLUSTER_READ_ONLY', { url, problem });
  }
  if (status === 403 && has(/security/)) {
    const action = /action \[[^\]]+\]/.exec(causes[0]?.reason ?? '')?.[0] ?? 'this';
    return new SspError('SSP_CLUSTER_UNAUTHORIZED', {
      url,
      problem: `they do not allow ${action} (403)`,
    });
  }
  if (status === 429 || has(/rejected_execution|circuit_breaking/)) {
    return new SspError('SSP_CLUSTER_OVERLOADED', { url, problem });
  }
  if (status === 408 || status === 504 || has(/timeout/)) {
    return has(/master_not_discovered|unavailable_shards/)
      ? new SspError('SSP_CLUSTER_UNAVAILABLE', { url, problem })
      : new SspError('SSP_CLUSTER_TIMEOUT', { url, problem });
  }
  if (status === 502 || status === 503)
    return new SspError('SSP_CLUSTER_UNAVAILABLE', { url, problem });
  return new SspError('SSP_CLUSTER_FAILED', { url, problem: `${problem} (${status})` });
}

/** Whether Elasticsearch said that there is no such index. */
export function isNoSuchIndex(failure: unknown): boolean {
  const { name, statusCode, body } = failure as ClientFailure;
  return name === 'ResponseError' && statusCode === 404 && isIndexNotFound(causeIn(body));
}

/** The same of one of several requests in a request. */
export function isIndexNotFound(error: FailureCause | string | undefined): boolean {
  return typeof error === 'object' && error.type === 'index_not_found_exception';
}

function causeIn(body: unknown): FailureCause | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  const { error } = body as { error: FailureCause | string };
  return typeof error === 'string' ? { reason: error } : error;
}

/** The cause and what caused it, the deepest last. */
function allCauses(cause: FailureCause): FailureCause[] {
  const inner = cause.caused_by ?? cause.failed_shards?.[0]?.reason ?? cause.root_cause?.[0];
  if (inner === undefined || inner.type === cause.type) return [cause];
  return [cause, ...allCauses(inner)];
}

function isOfCertificate(problem: string): boolean {
  return /certificate|self.signed|unable to (verify|get)|altnames|CERT_/i.test(problem);
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 300);
}

import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

import type { SspError } from '../../../src/errors/error.ts';
import { isSspError } from '../../../src/errors/error.ts';

/** An error of the catalogue as agents read it: code, what is wrong, what to do. */
export function errorText({ code, message, remedy }: SspError): string {
  return `${code}: ${message}\n${remedy}`;
}

/** An error of the catalogue as JSON-RPC has errors; the code stands in `data`. */
export function protocolError(error: SspError): ProtocolError {
  return new ProtocolError(rpcCode(error), `${error.code}: ${error.message}`, error.toJSON());
}

/** The body of a reply to a message that was refused before it was read. */
export function errorBody(error: SspError, message: unknown): object {
  const { id = null } = (message ?? {}) as { readonly id?: unknown };
  const isId = typeof id === 'string' || typeof id === 'number';
  const { code, message: text, data } = protocolError(error);
  return { jsonrpc: '2.0', id: isId ? id : null, error: { code, message: text, data } };
}

function rpcCode(error: SspError): number {
  if (isSspError(error, 'SSP_BODY_MALFORMED')) return ProtocolErrorCode.ParseError;
  if (error.status >= 500) return ProtocolErrorCode.InternalError;
  return isSspError(error, 'SSP_TOOL_UNKNOWN') || isSspError(error, 'SSP_RESOURCE_INVALID')
    ? ProtocolErrorCode.InvalidParams
    : ProtocolErrorCode.InvalidRequest;
}

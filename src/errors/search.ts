import { defineErrors } from './entry.ts';

/** The search service: its start, its requests, and the clients of the command line. */
export const searchErrors = defineErrors({
  SSP_MODE_UNAVAILABLE: {
    message: 'This index cannot answer mode {mode}; it has {modes}.',
    remedy: 'Ask for one of these, or build the index again with both modes.',
    status: 400,
    exitCode: 2,
  },
  SSP_PASSAGE_UNKNOWN: {
    message: 'There is no passage with the id {id}.',
    remedy: 'Take the id from a hit of the same index.',
    status: 404,
    exitCode: 2,
  },
  SSP_PAGE_UNKNOWN: {
    message: 'There is no page with the title {title}.',
    remedy: 'Titles are exact, capitals included; search for the page to see its title.',
    status: 404,
    exitCode: 2,
  },
  SSP_CURSOR_INVALID: {
    message: '{cursor} is no cursor of the page {title}.',
    remedy:
      'Take the cursor from the part before, of the same page and corpus, or leave it out to begin anew.',
    status: 400,
    exitCode: 2,
  },
  SSP_REQUEST_INVALID: {
    message: 'The request is not valid: {problem}',
    remedy:
      'Correct the named field; GET /openapi.json describes every field, and tools/list (MCP).',
    status: 400,
    exitCode: 2,
  },
  SSP_TOOL_UNKNOWN: {
    message: 'There is no tool {name}.{hint}',
    remedy: 'tools/list names every tool.',
    status: 400,
    exitCode: 2,
  },
  SSP_RESOURCE_INVALID: {
    message: '{uri} is no address of a page.',
    remedy: 'Ask for wiki://page/ and a percent-encoded title, as resources/templates/list has it.',
    status: 400,
    exitCode: 2,
  },
  SSP_LIMIT_EXCEEDED: {
    message: 'The request is over a limit of this service: {problem}',
    remedy: 'Send less in one request, or start the service with a higher limit.',
    status: 400,
    exitCode: 2,
  },
  SSP_BODY_MALFORMED: {
    message: 'The request body is not JSON: {problem}',
    remedy: 'Send one JSON object in UTF-8.',
    status: 400,
    exitCode: 2,
  },
  SSP_BODY_TOO_LARGE: {
    message: 'The request body is larger than {limitBytes} bytes.',
    remedy: 'Send fewer queries in one request.',
    status: 413,
    exitCode: 2,
  },
  SSP_CONTENT_TYPE: {
    message: 'The content type {contentType} is not supported.',
    remedy: 'Send the header `content-type: application/json`.',
    status: 415,
    exitCode: 2,
  },
  SSP_HOST_REFUSED: {
    message: 'This service is not asked as {host}.',
    remedy:
      'Use the address that it listens on, or start it with --allowed-hosts and this name: others are refused, as a web page could have made them up.',
    status: 403,
    exitCode: 2,
  },
  SSP_ORIGIN_REFUSED: {
    message: 'Web pages of {origin} may not use this service.',
    remedy: 'Start the service with --allowed-origins and this origin, if its pages may.',
    status: 403,
    exitCode: 2,
  },
  SSP_ROUTE_UNKNOWN: {
    message: 'There is no {method} {path}.{hint}',
    remedy: 'GET /openapi.json lists every route.',
    status: 404,
    exitCode: 2,
  },
  SSP_METHOD_NOT_ALLOWED: {
    message: '{path} does not take {method}.',
    remedy: 'Use {allowed}.',
    status: 405,
    exitCode: 2,
  },
  SSP_HTTP_MALFORMED: {
    message: 'This is not a valid HTTP request: {problem}',
    remedy: 'Use an HTTP/1.1 client; addresses are percent-encoded UTF-8.',
    status: 400,
    exitCode: 2,
  },
  SSP_HEADERS_TOO_LARGE: {
    message: 'The request headers are too large.',
    remedy: 'Send fewer or shorter headers.',
    status: 431,
    exitCode: 2,
  },
  SSP_REQUEST_TIMEOUT: {
    message: 'The request did not arrive whole in time.',
    remedy: 'Send the whole request at once, or raise --request-timeout-ms.',
    status: 408,
    exitCode: 3,
  },
  SSP_UNAUTHORIZED: {
    message: 'This service needs a token.',
    remedy: 'Send the header `authorization: Bearer <token>` with the token of the service.',
    status: 401,
    exitCode: 2,
  },
  SSP_ADDRESS_REFUSED: {
    message: 'Requests from {address} are not answered.',
    remedy: 'Start the service with --allow and the network of this address, or with a token.',
    status: 403,
    exitCode: 2,
  },
  SSP_ALLOW_USELESS: {
    message: 'Letting in {networks} changes nothing: {problem}.',
    remedy:
      'Leave out --insecure, or listen on an address that those machines reach, such as --host 0.0.0.0.',
    status: 500,
    exitCode: 2,
  },
  SSP_RUN_QUOTA: {
    message: 'The run {run} has asked its {limit} queries of this minute.',
    remedy:
      'Repeat the request after {retryAfterSeconds} seconds, or raise --run-queries-per-minute.',
    status: 429,
    exitCode: 3,
  },
  SSP_QUERY_LOG_IN_USE: {
    message: 'Process {pid} on {host} is writing the query log {path}.',
    remedy:
      'Give each service a --query-log of its own. Only where {host} is another machine on which it has died: remove the lock file {lock}.',
    status: 409,
    exitCode: 2,
  },
  SSP_NOT_READY: {
    message: 'The service is not ready: {state}.',
    remedy: 'Wait until GET /readyz replies 200, then repeat the request.',
    status: 503,
    exitCode: 3,
  },
  SSP_OVERLOADED: {
    message: '{queued} queries are waiting; the limit is {limit}.',
    remedy: 'Repeat the request after the seconds of the Retry-After header, or after one.',
    status: 429,
    exitCode: 3,
  },
  SSP_TOO_MANY_CONNECTIONS: {
    message: 'More than {limit} connections are open.',
    remedy: 'Use connections again, close those that are idle, or raise --max-connections.',
    status: 503,
    exitCode: 3,
  },
  SSP_SEARCH_TIMEOUT: {
    message: 'The search took longer than {timeoutMs} ms.',
    remedy: 'Repeat the request with fewer queries, or raise --search-timeout-ms.',
    status: 504,
    exitCode: 3,
  },
  SSP_TOKEN_REQUIRED: {
    message: 'The address {host} can be reached from other machines, so a token is required.',
    remedy:
      'Set SSP_TOKEN or --token-file, name the networks that need none with --allow 10.0.0.0/8, listen on 127.0.0.1, or pass --insecure to serve anybody.',
    status: 500,
    exitCode: 2,
  },
  SSP_TOKEN_INVALID: {
    message: 'The token of {source} is not usable: {problem}',
    remedy: 'Use one line of 16 or more printable ASCII characters without spaces.',
    status: 500,
    exitCode: 2,
  },
  SSP_ADDRESS_UNAVAILABLE: {
    message: 'Cannot listen on {host} port {port}: {problem}',
    remedy: 'Stop the other program or choose another --host or --port; --port 0 takes a free one.',
    status: 500,
    exitCode: 2,
  },
  SSP_SELF_TEST_FAILED: {
    message:
      'The index failed its self-test: mode {mode} found {found} of {asked} known passages among its first {depth} hits.',
    remedy: 'Run `ssp index verify`; build the index again if that fails too.',
    status: 500,
    exitCode: 3,
  },
  SSP_SERVICE_UNREACHABLE: {
    message: 'No search service answers at {url}: {problem}',
    remedy: 'Start one with `ssp serve --index <dir>`, or check the address.',
    status: 502,
    exitCode: 3,
  },
  SSP_SERVICE_REFUSED: {
    message: 'The search service at {url} replied {status} {reply}',
    remedy: 'See the code in ERRORS.md; a 401 asks for the token in SSP_TOKEN.',
    status: 502,
    exitCode: 3,
  },
});

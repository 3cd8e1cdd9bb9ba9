import { defineErrors } from './entry.ts';

/** Elasticsearch as the engine: its address, its replies, and what is pushed into it. */
export const elasticsearchErrors = defineErrors({
  SSP_CLUSTER_ADDRESS: {
    message: 'This is no address of an index in Elasticsearch: {problem}.',
    remedy:
      'Write elasticsearch+https://<host>:<port>/<name>, with further nodes as <host>:<port>,<host>:<port>; secrets go into SSP_ELASTICSEARCH_API_KEY, or _USER and _PASSWORD.',
    status: 400,
    exitCode: 2,
  },
  SSP_CLUSTER_ACCESS: {
    message: 'The access to the cluster is not usable: {problem}.',
    remedy:
      'Set SSP_ELASTICSEARCH_API_KEY, or SSP_ELASTICSEARCH_USER and SSP_ELASTICSEARCH_PASSWORD, or the files of the section elasticsearch.',
    status: 500,
    exitCode: 2,
  },
  SSP_CLUSTER_UNREACHABLE: {
    message: 'No cluster answers at {url}: {problem}',
    remedy:
      'Check that Elasticsearch runs there, and the port (9200 unless named). Name several nodes, so that one may be lost.',
    status: 502,
    exitCode: 3,
  },
  SSP_CLUSTER_CERTIFICATE: {
    message: 'The certificate of {url} is not trusted: {problem}',
    remedy:
      'Name the authority that signed it: SSP_ELASTICSEARCH_CA=<http_ca.crt>, or --elasticsearch-ca-file; the host must be one that the certificate names.',
    status: 502,
    exitCode: 2,
  },
  SSP_CLUSTER_UNAUTHORIZED: {
    message: 'The cluster at {url} refuses the credentials: {problem}',
    remedy:
      'Give an API key or a user that may read the index (to push: also create and write it, and its alias); see docs/elasticsearch.md.',
    status: 502,
    exitCode: 2,
  },
  SSP_CLUSTER_FOREIGN: {
    message: 'What answers at {url} is not Elasticsearch: {problem}',
    remedy: 'Check host and port; OpenSearch and other relatives are not supported.',
    status: 502,
    exitCode: 2,
  },
  SSP_CLUSTER_VERSION: {
    message: 'The cluster at {url} runs Elasticsearch {version}.',
    remedy: 'Use 8.19 or a later 8, or 9.',
    status: 502,
    exitCode: 2,
  },
  SSP_CLUSTER_INDEX_UNKNOWN: {
    message: 'There is no index {name} in the cluster at {url}.{known}',
    remedy: 'Push one: `ssp index push --index <folder> --to {url} --name {name}`.',
    status: 503,
    exitCode: 2,
  },
  SSP_CLUSTER_INDEX_FOREIGN: {
    message: 'The index {name} in the cluster at {url} cannot be used: {problem}.',
    remedy: 'Choose another --name, or push the index again under a new one.',
    status: 409,
    exitCode: 2,
  },
  SSP_CLUSTER_INDEX_UNFINISHED: {
    message: 'The index {name} in the cluster at {url} is not pushed whole.',
    remedy: 'Run the same `ssp index push` again; it goes on where it stopped.',
    status: 503,
    exitCode: 2,
  },
  SSP_CLUSTER_UNAVAILABLE: {
    message: 'The cluster at {url} cannot answer for the whole index: {problem}',
    remedy:
      'A shard has no living copy (GET /_cluster/health is red), or the cluster has no master. Start the lost nodes; with replicas one may be lost.',
    status: 503,
    exitCode: 3,
  },
  SSP_CLUSTER_TIMEOUT: {
    message: 'The cluster at {url} did not answer in time: {problem}',
    remedy:
      'Look at its load, ask for less at once, or raise --elasticsearch-request-timeout-ms (section elasticsearch).',
    status: 504,
    exitCode: 3,
  },
  SSP_CLUSTER_OVERLOADED: {
    message: 'The cluster at {url} refuses work for now (429): {problem}',
    remedy: 'Wait, ask for less at once, or give it more nodes or memory.',
    status: 503,
    exitCode: 3,
  },
  SSP_CLUSTER_READ_ONLY: {
    message: 'The cluster at {url} takes no changes: {problem}',
    remedy:
      'Usually its disk is full (flood stage): free some space or take the block off, then run the same command again; it goes on where it stopped.',
    status: 507,
    exitCode: 3,
  },
  SSP_CLUSTER_FAILED: {
    message: 'The cluster at {url} failed: {problem}',
    remedy: "See the cluster's log; an error of the same request comes again.",
    status: 502,
    exitCode: 3,
  },
  SSP_PUSH_REJECTED: {
    message: 'The cluster at {url} does not take {what}: {problem}',
    remedy: 'Nothing was switched: what was searched before still is. See docs/elasticsearch.md.',
    status: 409,
    exitCode: 2,
  },
  SSP_PUSH_INCOMPLETE: {
    message: 'The cluster at {url} holds {found} of {expected} documents of {name}: {problem}',
    remedy:
      'Nothing was switched. Run the same command again: it pushes what is missing. If it stays so, look at the health of the cluster.',
    status: 503,
    exitCode: 3,
  },
});

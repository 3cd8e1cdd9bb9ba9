import type { ConfigSection } from './schema.ts';

/** What each section is about, as headings of `--help` and of `ssp config` say it. */
export const sectionTitles: Readonly<Record<ConfigSection, string>> = {
  corpus: 'Passages from dumps',
  import: 'Passages from files',
  generate: 'The fictional encyclopedia',
  encoder: 'The encoder',
  encoderServer: 'The embeddings server',
  index: 'The index',
  push: 'The push to a cluster',
  elasticsearch: 'The Elasticsearch cluster',
  service: 'The search service',
  policy: 'The policy service',
  game: 'The game',
  player: 'A model elsewhere that plays',
  judge: 'The judge',
  evaluation: 'Evaluation',
  rollout: 'Rollouts',
  seeds: 'Seeds',
  training: 'Training',
  watch: 'The collapse watch',
  warmStart: 'The warm start',
};

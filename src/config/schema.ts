import { z } from 'zod';

import { corpusConfig, generateConfig, importConfig } from './corpus.ts';
import { elasticsearchConfig, pushConfig } from './elasticsearch.ts';
import { encoderServerConfig } from './encoder-server.ts';
import { evaluationConfig, judgeConfig } from './evaluation.ts';
import { gameConfig } from './game.ts';
import { encoderConfig, indexConfig } from './index-build.ts';
import { playerConfig } from './player.ts';
import { policyConfig } from './policy.ts';
import { rolloutConfig } from './rollout.ts';
import { seedsConfig } from './seeds.ts';
import { serviceConfig } from './service.ts';
import { trainingConfig, watchConfig } from './training.ts';
import { warmStartConfig } from './warm-start.ts';
/**
 * The whole configuration, one section a room. Defaults stand only in the sections' files; a
 * command's flags are made from them, so file and flags cannot differ.
 */
export const configSchema = z.strictObject({
  corpus: corpusConfig.prefault({}),
  import: importConfig.prefault({}),
  generate: generateConfig.prefault({}),
  encoder: encoderConfig.prefault({}),
  encoderServer: encoderServerConfig.prefault({}),
  index: indexConfig.prefault({}),
  elasticsearch: elasticsearchConfig.prefault({}),
  push: pushConfig.prefault({}),
  service: serviceConfig.prefault({}),
  policy: policyConfig.prefault({}),
  game: gameConfig.prefault({}),
  player: playerConfig.prefault({}),
  judge: judgeConfig.prefault({}),
  evaluation: evaluationConfig.prefault({}),
  rollout: rolloutConfig.prefault({}),
  seeds: seedsConfig.prefault({}),
  training: trainingConfig.prefault({}),
  watch: watchConfig.prefault({}),
  warmStart: warmStartConfig.prefault({}),
});
export type Config = z.output<typeof configSchema>;
export type ConfigSection = keyof Config;

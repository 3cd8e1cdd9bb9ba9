import { test } from 'tap';

import { asTraining } from '../../../src/app/rollout/as-training.ts';
import { configSchema } from '../../../src/config/schema.ts';

const request = (sections: object = {}, more: object = {}) => ({
  out: 'out',
  config: configSchema.parse({ policy: { model: 'm' }, ...sections }),
  ...{ questions: ['q.jsonl'], index: 'i', ...more },
});
const proposer = (more: object = {}) => ({
  rollout: { role: 'proposer', ...more },
});
const ofSeeds = { questions: [], seeds: 's.jsonl' };

test('the solver plays questions as often and as hot as it is told, or as the game says', (t) => {
  const game = { attempts: 4, temperature: 0.9, proposerTemperature: 0.3 };
  const plain = asTraining(request({ game }));
  t.match(plain.game, { attempts: 4, temperature: 0.9, verify: false, fill: 'dummy' });
  t.match(plain.training, { questions: ['q.jsonl'], index: 'i', learners: 'solver' });
  const told = asTraining(request({ game, rollout: { attempts: 2, temperature: 0.5 } }));
  t.match(told.game, { attempts: 2, temperature: 0.5 });
  t.end();
});

test('the proposer plays seeds, verified unless that is left out', (t) => {
  const game = { attempts: 4, temperature: 0.9, proposerTemperature: 0.3 };
  const plain = asTraining(request({ game, ...proposer() }, ofSeeds));
  t.match(plain.game, { proposerTemperature: 0.3, temperature: 0.9, verify: true });
  t.match(plain.training, { proposals: 4, seeds: 's.jsonl', learners: 'both' });
  const told = request({ game, ...proposer({ attempts: 2, temperature: 0.7 }) }, ofSeeds);
  t.match(asTraining(told), { game: { proposerTemperature: 0.7 }, training: { proposals: 2 } });
  t.end();
});

test('both play seeds: one proposal each, and so many attempts at what is valid', (t) => {
  const game = { attempts: 4, temperature: 0.9, proposerTemperature: 0.3 };
  const role = { role: 'both', facts: 'f.jsonl' };
  const plain = asTraining(request({ game, rollout: role }, ofSeeds));
  t.match(plain.game, { attempts: 4, temperature: 0.9, proposerTemperature: 0.3, verify: true });
  t.match(plain.training, { proposals: 1, seeds: 's.jsonl', facts: 'f.jsonl' });
  const told = asTraining(
    request({ game, rollout: { ...role, attempts: 2, temperature: 0.5 } }, ofSeeds),
  );
  t.match(told.game, { attempts: 2, temperature: 0.5, proposerTemperature: 0.5 });
  t.end();
});

test('a training’s own keys in the file do not reach the rollouts', (t) => {
  const training = { seeds: 's.jsonl', validationSet: 'v.jsonl', facts: 'f', learners: 'proposer' };
  const config = asTraining(request({ training: { ...training, frozenCheckpoint: 'x' } }));
  t.match(config.training, { learners: 'solver', seeds: undefined, validationSet: undefined });
  t.match(config.training, { facts: undefined, frozenCheckpoint: undefined });
  t.end();
});

test('what is missing or does not go together is said', (t) => {
  for (const [sections, more, message] of [
    [{}, { questions: [] }, /--questions/],
    [{}, { seeds: 's' }, /--role proposer/],
    [proposer(), { questions: [] }, /--seeds/],
    [proposer(), { seeds: 's' }, /--role solver/],
    [{ rollout: { facts: 'f' } }, {}, /facts are for proposed questions/],
    [{ rollout: { role: 'both' } }, { questions: [] }, /--seeds/],
    [{}, { index: undefined }, /--index and --search-url/],
    [{}, { searchUrl: 'http://x' }, /--index and --search-url/],
    [{ policy: {} }, {}, /--policy-model/],
    [{ rollout: { temperature: 0 } }, {}, /5 episodes at temperature 0/],
    [{ ...proposer(), game: { reader: 'judge' } }, ofSeeds, /--judge-url/],
    [{ ...proposer(), game: { reader: 'server' } }, ofSeeds, /game\.reader is server/],
  ] as const) {
    t.throws(() => asTraining(request(sections, more)), { code: 'SSP_USAGE', message });
  }
  t.doesNotThrow(() => asTraining(request({ rollout: { temperature: 0, attempts: 1 } })));
  t.end();
});

// The import table of ARCHITECTURE.md as a lint: each room lists the rooms it may import.
const shared =
  '^src/(types|errors|config|progress|storage|concurrency|random|clients|models|version)';
const rooms = {
  'src/(types|errors|config|progress|storage|concurrency|random|clients|models)': [shared],
  'src/bm25': [shared],
  'src/retrieval': [shared, '^src/bm25/'],
  'src/elasticsearch': [shared, '^src/(bm25|retrieval)/'],
  'src/game': ['^src/types'],
  'src/objective': [],
  'src/chat': [shared],
  'src/rollout': [shared, '^src/(game|chat)/'],
  'src/run': [shared],
  'src/seeds': [shared, '^src/game/', '^corpus/'],
  'src/judge': [shared, '^src/game/'],
  'src/training': [shared, '^src/(game|objective|chat|rollout|judge|run)/'],
  'src/evaluation': [shared, '^src/(game|chat|rollout|judge)/'],
  'src/warm-start': [shared, '^src/(game|chat|rollout|run)/'],
  'src/report': [shared, '^src/run/'],
  'src/play': [shared, '^src/(game|rollout)/'],
  'src/python': [shared],
  'src/app': [
    shared,
    '^src/(bm25|retrieval|elasticsearch|game|chat|rollout|run|seeds|judge|training|warm-start|evaluation|report|play|python)/',
    '^(corpus|indexer|services)/',
  ],
  'src/cli': ['^(src|corpus|indexer|services)/'],
  'src/scripts': [shared],
  'src/real-model': [shared, '^src/(app|evaluation|game|rollout|scripts|warm-start|python)/'],
  'src/model-makers': ['^(src|corpus|indexer|services)/'],
  corpus: [shared],
  indexer: [shared, '^src/(retrieval|bm25|elasticsearch)/', '^corpus/', '^src/python/'],
  'services/search': [shared, '^src/retrieval/'],
  'services/dashboard': ['^src/types'],
};
const ours = '^(src|corpus|indexer|services|test)/';

export default {
  forbidden: [
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `room ${room}`,
      severity: 'error',
      from: { path: `^${room}/` },
      to: { path: ours, pathNot: [`^${room}/`, ...allowed].join('|') },
    })),
    {
      name: 'nobody uses what makes the shipped models, or the command line',
      severity: 'error',
      from: { path: ours, pathNot: '^(src/(model-makers|cli)/|test/)' },
      to: { path: '^src/(model-makers|cli)/' },
    },
    {
      name: 'the command line does not use what makes the shipped models',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^src/model-makers/' },
    },
    {
      name: 'drivers only in their backend files',
      severity: 'error',
      from: { path: ours, pathNot: '^(src/(retrieval|elasticsearch)/|indexer/|test/)' },
      to: {
        path: 'node_modules/(@lancedb|@elastic|apache-arrow|onnxruntime-node|@huggingface/transformers)/',
      },
    },
    {
      name: 'tokenizers and chat templates only in src/chat',
      severity: 'error',
      from: { path: ours, pathNot: '^(src/chat/|test/)' },
      to: { path: 'node_modules/@huggingface/(tokenizers|jinja)/' },
    },
    {
      name: 'the Model Context Protocol is a door: no search behind it',
      severity: 'error',
      from: { path: '^services/search/mcp/' },
      to: {
        path: '^(src/(retrieval|bm25)/|services/search/(query-broker|agent-backend|in-process))',
      },
    },
    {
      name: 'the protocol only in its door',
      severity: 'error',
      from: { path: ours, pathNot: '^(services/search/(mcp/|app\\.ts)|test/)' },
      to: { path: 'node_modules/@modelcontextprotocol/' },
    },
    { name: 'no circles', severity: 'error', from: { path: ours }, to: { circular: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js', '.json'] },
  },
};

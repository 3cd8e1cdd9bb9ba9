// What share of a GPU do sampling and training use, for random weights in the shapes of Qwen2.5?
// SSP_BENCH_GPU_RESULT takes a result of services/policy/benchmarks/gpu.py from another machine.
import { readJsonFile } from '../../src/storage/json-files.ts';
import { gpuFigures, gpuResultSchema } from './gpu-figures.ts';
import { hasGpu, runPolicyProgram } from './policy-python.ts';
import { recordFigures } from './record.ts';
import { workshopPath } from './workshop.ts';

const given = process.env['SSP_BENCH_GPU_RESULT'];
if (given === undefined && !(await hasGpu())) {
  process.stdout.write(
    'Not measured: PyTorch sees no GPU here. On a machine with one run\n' +
      '  cd services/policy && python -m benchmarks.gpu --out result.json\n' +
      'and give the file: SSP_BENCH_GPU_RESULT=result.json npm run bench -- policy-gpu\n',
  );
} else {
  const file = given ?? (await workshopPath('policy-gpu.json'));
  if (given === undefined) process.stderr.write(await runPolicyProgram('gpu', '--out', file));
  const result = await readJsonFile(file, 'GPU benchmark', gpuResultSchema);
  await recordFigures(import.meta.url, gpuFigures(result), { result });
}

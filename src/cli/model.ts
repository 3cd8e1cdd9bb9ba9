import { Command } from 'commander';

import { exportModel } from '../app/export-model.ts';
import { PolicyEvents } from '../app/policy-events.ts';
import { runAction } from './run-action.ts';

/** `ssp model`: what was trained, as a plain Hugging Face folder. */
export function modelCommand(): Command {
  return new Command('model').addCommand(exportCommand()).addCommand(mergeCommand());
}

/** `ssp model export <folder> --out <folder>`. */
function exportCommand(): Command {
  return new Command('export')
    .description('write the model of a run or checkpoint as a plain Hugging Face folder')
    .argument('<folder>', 'a run, a checkpoint, or a model folder')
    .requiredOption('--out <folder>', 'folder to make; nothing is overwritten')
    .addHelpText('after', exportHelp)
    .action(
      runAction(async (context, options, [model = '']) => {
        await exportModel(
          { model, out: String(options['out']) },
          new PolicyEvents(context),
          context,
        );
      }),
    );
}

const exportHelp = `
Of a run the newest whole checkpoint is taken, and its files are compared with its manifest. A LoRA
checkpoint is merged into its base model. vLLM, transformers and others read the result: weights
(safetensors), configuration, tokenizer, chat template. Its files are 0644, so that a server under
another user reads them too. It appears whole or not at all.

Examples:
  $ npx ssp model export runs/first --out models/first
  $ npx ssp model export runs/first/checkpoints/step-000120 --out models/first-120
  $ vllm serve models/first`;

/** `ssp model merge --model <base> --adapter <folder> --out <folder>`. */
function mergeCommand(): Command {
  return new Command('merge')
    .description('merge a LoRA adapter, or a LoRA checkpoint, into its base model')
    .requiredOption('--model <folder or hub id>', 'the base model')
    .requiredOption('--adapter <folder>', 'an adapter of PEFT, or a checkpoint that holds one')
    .requiredOption('--out <folder>', 'folder to make; nothing is overwritten')
    .addHelpText('after', mergeHelp)
    .action(
      runAction(async (context, options) => {
        const text = (key: string): string => String(options[key]);
        const request = { model: text('model'), adapter: text('adapter'), out: text('out') };
        await exportModel(request, new PolicyEvents(context), context);
      }),
    );
}

const mergeHelp = `
Each layer's weight becomes W + scale B A, computed in fp32 and written in the format of the base
model, a file at a time.

Examples:
  $ npx ssp model merge --model Qwen/Qwen2.5-0.5B-Instruct --adapter my-adapter --out merged
  $ npx ssp model merge --model my-base --adapter runs/first/checkpoints/step-000120 --out merged`;

import type { Command } from 'commander';

/** The heading of what must be given. */
export const requiredGroup = 'Required:';

/** Commander's codes of what was left out. */
const missing = ['commander.missingMandatoryOptionValue', 'commander.missingArgument'];

/**
 * Lets a command name everything that it misses at once, operands and options, and an option that is
 * mistyped, which may be what is missing; commander itself stops at the first. Those that must be given stand first in its `--help`.
 */
export function nameAllMissing(command: Command): void {
  for (const option of command.options) {
    if (option.mandatory) option.helpGroupHeading ??= requiredGroup;
  }
  const report = command.error.bind(command);
  command.error = (message, options) =>
    report(missing.includes(options?.code ?? '') ? missingText(command) : message, options);
}

function missingText(command: Command): string {
  const operands = command.registeredArguments
    .filter(({ required }, i) => required && command.args[i] === undefined)
    .map((argument) => `<${argument.name()}${argument.variadic ? '...' : ''}>`);
  const options = command.options
    .filter((option) => option.mandatory)
    .filter((option) => command.getOptionValue(option.attributeName()) === undefined)
    .map(({ flags }) => flags);
  return `error: ${mistyped(command)}missing: ${[...operands, ...options].join(', ')}`;
}

/** Commander puts what it does not know behind the operands. */
function mistyped({ args }: Command): string {
  const flag = args.find((word) => /^--?[a-z]/i.test(word));
  return flag === undefined ? '' : `unknown option '${flag}'; `;
}

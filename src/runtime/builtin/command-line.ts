import { usageError } from './builtin-error.ts';

export interface CommandLine {
  readonly flags: ReadonlySet<string>;
  readonly operands: readonly string[];
}

/**
 * Splits arguments into single-letter flags, also bundled (`-la`), and operands; `--` ends the
 * flags.
 *
 * @param allowed the letters that are flags
 * @throws {BuiltinError} for any other flag
 */
export function parseCommandLine(
  args: readonly string[],
  allowed: string,
  usage: string,
): CommandLine {
  const flags = new Set<string>();
  const operands: string[] = [];
  let ended = false;
  for (const arg of args) {
    if (ended || arg === '-' || !arg.startsWith('-')) operands.push(arg);
    else if (arg === '--') ended = true;
    else for (const letter of arg.slice(1)) flags.add(known(letter, allowed, usage));
  }
  return { flags, operands };
}

function known(letter: string, allowed: string, usage: string): string {
  if (!allowed.includes(letter)) throw usageError(usage);
  return letter;
}

import type { BuiltinCommand } from './builtin-command.ts';
import { BuiltinError, usageError } from './builtin-error.ts';
import { createTar } from './tar-create.ts';
import { extractTar } from './tar-extract.ts';

const usage = 'tar c|x[mvpo]f - [-C DIRECTORY] [FILE...]';

/** Accepted and without meaning here, as WASI knows no owners and permissions. */
const meaningless = ['--no-same-permissions', '--no-same-owner', '--same-permissions'];

/**
 * `tar cf - FILE...` and `tar xmf - [-C DIRECTORY]`, in the forms that `kubectl cp` uses: archives
 * go over standard input and output.
 */
export const tar: BuiltinCommand = (args, context) => {
  const { letters, directory, names } = parse(args);
  const verbose = letters.has('v');
  if (letters.has('c') === letters.has('x')) throw usageError(usage);
  if (letters.has('c')) createTar(names, { directory, verbose }, context);
  else if (names.length > 0) throw new BuiltinError('Cannot extract only some of the members');
  else extractTar({ directory, verbose, touch: letters.has('m') }, context);
  return 0;
};

interface TarCommandLine {
  readonly letters: ReadonlySet<string>;
  readonly directory: string;
  readonly names: readonly string[];
}

/** The first argument may go without its hyphen; `f` and `C` take the next argument. */
function parse(args: readonly string[]): TarCommandLine {
  const letters = new Set<string>();
  const names: string[] = [];
  let directory = '.';
  const rest = args.filter((arg) => !meaningless.includes(arg));
  for (let first = true; rest.length > 0; first = false) {
    const arg = rest.shift() ?? '';
    if (!first && !arg.startsWith('-')) {
      names.push(arg);
      continue;
    }
    for (const letter of arg.replace(/^-/, '')) {
      if (letter === 'f') requireHyphen(rest.shift());
      else if (letter === 'C') directory = rest.shift() ?? directory;
      else if ('cxmvpo'.includes(letter)) letters.add(letter);
      else throw usageError(usage);
    }
  }
  return { letters, directory, names };
}

function requireHyphen(file: string | undefined): void {
  if (file !== '-') throw new BuiltinError(`Cannot use '${file}' as an archive, only '-'`);
}

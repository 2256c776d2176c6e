import { existsSync } from 'node:fs';
import type { Invocation } from '../cli/invocation.ts';
import { UserError } from '../cli/user-error.ts';
import type { Program } from './program.ts';
import { programOfFile } from './program-of-file.ts';
import type { RunOptions } from './run-options.ts';
import { runProgram } from './run-program.ts';

const manifestOptions = [
  '--detach',
  '--wasmtime',
  '--insecure-registries',
  '--mirror',
  '--quiet',
  '--data-dir',
  '--debug',
];

/** Runs what somebody named, be it a manifest, a file or an image, and returns the exit code. */
export async function run(
  invocation: Invocation,
  what: string,
  args: readonly string[],
  options: RunOptions,
): Promise<number> {
  if (/\.(?:ya?ml|json)$/.test(what)) {
    refuseForManifest(what, args, options);
    const { runManifest } = await import('./run-manifest.ts');
    return await runManifest(invocation, what, options);
  }
  return await runProgram(invocation, await findProgram(invocation, what, options), args, options);
}

function refuseForManifest(what: string, args: readonly string[], { typed }: RunOptions): void {
  if (args.length > 0) {
    throw new UserError(
      `running '${what}' failed: a manifest takes no arguments, and options go before it`,
    );
  }
  const foreign = typed.find((option) => !manifestOptions.includes(option));
  if (foreign === undefined) return;
  throw new UserError(
    `running '${what}' failed: ${foreign} goes with a module; the manifest says it`,
  );
}

async function findProgram(
  invocation: Invocation,
  what: string,
  options: RunOptions,
): Promise<Program> {
  if (looksLikeFile(what)) return await programOfFile(what, invocation.dataDir(options));
  const { programOfImage } = await import('./program-of-image.ts');
  return await programOfImage(invocation, what, options);
}

/** A file that is there, or a name that no registry could have. */
function looksLikeFile(what: string): boolean {
  return existsSync(what) || /^[./]|\.wasm$/.test(what);
}

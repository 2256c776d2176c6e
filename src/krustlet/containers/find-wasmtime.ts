import { execFile } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { UserError } from '../cli/user-error.ts';

/** The oldest release whose options are those that Krustlet uses. */
const oldest = 40;
const patience = 10_000;
const elf = Buffer.from('\x7fELF', 'latin1');

/** Whether wasmtime's program is there to be used, and where. */
export type Wasmtime =
  | { readonly kind: 'found'; readonly path: string; readonly version: string }
  | { readonly kind: 'missing'; readonly reason: string };

export interface FindWasmtimeInit {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Path of the program. @default what KRUSTLET_WASMTIME says, else what the PATH has */
  readonly given?: string | undefined;
}

/** Looks for wasmtime's program and asks it for its version. */
export async function findWasmtime({ env, given }: FindWasmtimeInit): Promise<Wasmtime> {
  const named = given ?? (env.KRUSTLET_WASMTIME || undefined);
  const file = named === undefined ? onPath(env.PATH ?? '') : path.resolve(named);
  if (file === undefined) return { kind: 'missing', reason: 'not on the PATH' };
  try {
    const { stdout } = await promisify(execFile)(file, ['--version'], { timeout: patience });
    return judge(file, stdout.trim());
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    return { kind: 'missing', reason: `asking '${file}' for its version failed: ${reason}` };
  }
}

/** @throws {UserError} where it is not there to be used */
export async function requireWasmtime(init: FindWasmtimeInit): Promise<string> {
  const wasmtime = await findWasmtime(init);
  if (wasmtime.kind === 'found') return wasmtime.path;
  throw new UserError(
    `running with engine 'wasmtime' failed: ${wasmtime.reason}; install it, or say where it is with --wasmtime`,
  );
}

function judge(file: string, answer: string): Wasmtime {
  const version = /^wasmtime (?<major>\d+)\.\S+/.exec(answer);
  if (version === null) {
    return { kind: 'missing', reason: `'${file}' is not wasmtime: it says '${answer}'` };
  }
  if (Number(version.groups?.major) < oldest) {
    return { kind: 'missing', reason: `'${file}' is ${version[0]}: ${oldest} or newer is needed` };
  }
  // A script needs a shell, which is not in the sandbox.
  if (!isProgram(file)) {
    return { kind: 'missing', reason: `'${file}' is a script: name the program that it starts` };
  }
  return { kind: 'found', path: file, version: answer };
}

function isProgram(file: string): boolean {
  const fd = openSync(file, 'r');
  try {
    const start = Buffer.alloc(elf.length);
    readSync(fd, start);
    return start.equals(elf);
  } finally {
    closeSync(fd);
  }
}

function onPath(folders: string): string | undefined {
  return folders
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder))
    .map((folder) => path.join(folder, 'wasmtime'))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

import { errnoName } from '../errno.ts';

/** A module that cannot be run as a command of preview1. */
export class NotRunnableError extends Error {
  static override readonly name = 'NotRunnableError';
  override readonly name = 'NotRunnableError';
  readonly code: NotRunnableCode;

  constructor(code: NotRunnableCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export type NotRunnableCode = 'NoStart' | 'NotLinkable';

/** A module that imports what the host does not have. */
export class MissingImportsError extends Error {
  static override readonly name = 'MissingImportsError';
  override readonly name = 'MissingImportsError';
  readonly code = 'MissingImports';
  /** As `module.name`, in the module's order. */
  readonly missing: readonly string[];

  constructor(imports: readonly WebAssembly.ModuleImportDescriptor[]) {
    const missing = imports.map(({ module, name, kind }) =>
      kind === 'function' ? `${module}.${name}` : `${module}.${name} (${kind})`,
    );
    super(
      `Cannot link the module: imports that WASI preview1 does not have: ${missing.join(', ')}`,
    );
    this.missing = missing;
  }
}

/** What stands in the way of a mount, and what to do. */
const mountProblems: Readonly<Record<string, string>> = {
  acces: "the container's user may not open it: change its mode, or the user",
  loop: 'it leads out of the volume by a symbolic link',
  noent: 'there is no such file or folder',
  notdir: 'a part of the path is no folder',
  perm: 'this is not permitted',
};

/** A mount that cannot be opened. */
export class MountError extends Error {
  static override readonly name = 'MountError';
  override readonly name = 'MountError';
  /** The error's name, `noent` say. */
  readonly code: string;

  constructor(guestPath: string, hostPath: string, error: number) {
    const code = errnoName(error);
    const words = mountProblems[code];
    const why = words === undefined ? code : `${words} (${code})`;
    super(`Cannot open mount '${guestPath}': '${hostPath}': ${why}`);
    this.code = code;
  }
}

/** A guest that WebAssembly stopped: `unreachable`, out of bounds, out of stack, or an exception of its own. */
export class TrapError extends Error {
  static override readonly name = 'TrapError';
  override readonly name = 'TrapError';
  readonly code = 'Trap';
  /** The guest's functions, innermost first, as the engine prints them. */
  readonly wasmStack: readonly string[];

  constructor(cause: unknown) {
    const { message, stack = '' } = asError(cause);
    super(`Guest trapped: ${message}`, { cause });
    this.wasmStack = stack
      .split('\n')
      .filter((line) => line.includes('wasm://'))
      .map((line) => line.trim());
  }
}

/** Exceptions of WebAssembly are no errors of JavaScript, and do not say where they were thrown. */
function asError(cause: unknown): Error {
  if (cause instanceof Error) return cause;
  if (cause instanceof WebAssembly.Exception) return new Error('nothing caught its exception');
  return new Error(String(cause));
}

import type { RegistryOptions } from '../options/registry-options.ts';

export interface RunOptions extends RegistryOptions {
  /** The options that were typed, such as `--env`. */
  readonly typed: readonly string[];
  readonly env?: readonly string[];
  readonly envFile?: readonly string[];
  readonly volume?: readonly string[];
  readonly publish?: readonly string[];
  readonly allowDomain?: readonly string[];
  readonly memory?: string;
  readonly cpus?: string;
  readonly pidsLimit?: string;
  readonly user?: string;
  readonly workdir?: string;
  readonly entrypoint?: string;
  readonly engine: 'v8' | 'wasmtime';
  readonly wasmtime?: string;
  readonly containerStart: 'fork' | 'exec';
  readonly sandbox: 'required' | 'best-effort';
  readonly pull: 'always' | 'missing' | 'never';
  readonly name?: string;
  readonly detach?: boolean;
  readonly rm?: boolean;
  readonly interactive?: boolean;
  readonly tty?: boolean;
  readonly stopTimeout: string;
}

import type { EnvironmentVariable } from '../container-spec.ts';
import type { ByteChannel } from './byte-channel.ts';
import type { GuestFiles } from './guest-files.ts';

/** What a built-in command works with: what a guest in its place would see. */
export interface BuiltinContext {
  readonly env: readonly EnvironmentVariable[];
  readonly files: GuestFiles;
  readonly io: ByteChannel;
}

/**
 * A built-in command: takes its arguments, without its name, and returns its exit code.
 *
 * @throws {BuiltinError} what it has to complain of; the caller reports that and exits with 1
 */
export type BuiltinCommand = (args: readonly string[], context: BuiltinContext) => number;

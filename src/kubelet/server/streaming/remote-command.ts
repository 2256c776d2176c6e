import type { Readable, Writable } from 'node:stream';
import type { TerminalSize } from '../../provider.ts';
import type { CommandStatus } from './command-status.ts';

/** Which streams an exec or attach asks for, from the request's query. */
export interface RemoteCommandOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** The client's side of an exec or attach, whatever protocol carries it. */
export interface RemoteCommand {
  readonly stdin: Readable | undefined;
  readonly stdout: Writable | undefined;
  readonly stderr: Writable | undefined;
  readonly resize: AsyncIterable<TerminalSize> | undefined;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
  /** Reports how the command ended, after all of its output, and ends the connection. */
  finish(status: CommandStatus): Promise<void>;
}

/** @throws {RangeError} where the combination is one that no client may ask for */
export function parseRemoteCommandOptions(query: URLSearchParams): RemoteCommandOptions {
  const flag = (short: string, long: string) =>
    ['1', 'true'].includes(query.get(short) ?? query.get(long) ?? '');
  const tty = flag('tty', 'tty');
  const options = {
    stdin: flag('input', 'stdin'),
    stdout: flag('output', 'stdout'),
    // A terminal has one output.
    stderr: flag('error', 'stderr') && !tty,
    tty,
  };
  if (!options.stdin && !options.stdout && !options.stderr) {
    throw new RangeError('you must specify at least 1 of stdin, stdout, stderr');
  }
  return options;
}

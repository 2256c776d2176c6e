import { RuntimeError } from '../../runtime/errors.ts';
import type { ExecStreams } from '../../runtime/exec/exec-request.ts';
import { exitCodes } from '../cli/exit-codes.ts';
import type { CommonOptions, Invocation } from '../cli/invocation.ts';
import { UserError } from '../cli/user-error.ts';
import { Machine } from './machine.ts';
import { useTerminal } from './terminal.ts';

export interface ExecOptions extends CommonOptions {
  readonly interactive?: boolean;
  readonly tty?: boolean;
}

/** Runs a command beside a container and returns its exit code. */
export async function execCommand(
  invocation: Invocation,
  name: string,
  command: readonly string[],
  options: ExecOptions,
): Promise<number> {
  using machine = new Machine({ dataDir: invocation.dataDir(options) });
  const container = machine.open(machine.find(name));
  using terminal = options.tty === true ? useTerminal(invocation.host) : undefined;
  const { stdin, stdout, stderr } = invocation.host;
  const streams: ExecStreams = {
    stdout,
    stderr,
    ...(options.interactive === true && { stdin }),
    ...(terminal && { resize: terminal.sizes() }),
  };
  try {
    const end = await container.exec({ command, tty: terminal !== undefined }, streams);
    if (end.message !== undefined) invocation.tell(`krustlet: ${end.message}`);
    return end.exitCode;
  } catch (error) {
    throw isUnknownCommand(error)
      ? new UserError(error.message, { exitCode: exitCodes.notFound, cause: error })
      : error;
  } finally {
    if (options.interactive === true) stdin.destroy();
  }
}

function isUnknownCommand(error: unknown): error is RuntimeError {
  return error instanceof RuntimeError && error.code === 'CommandNotFound';
}

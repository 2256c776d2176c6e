import type { IncomingMessage } from 'node:http';
import type { RequestRecord } from '../../../wasi/component/http/request-server.ts';
import { TrapError } from '../../../wasi/preview1/errors.ts';
import { isTrap } from './run-command.ts';

/** A line of the access log; `-` in place of a status that was never sent. */
export function describeRequest({ method, path, status, milliseconds }: RequestRecord): string {
  return `${method} ${printable(path)} ${status ?? '-'} ${milliseconds.toFixed(1)}ms`;
}

/** What is said of a request whose handler failed; of a trap with the guest's stack. */
export function describeFailure(failure: unknown, request?: IncomingMessage): readonly string[] {
  const which = request && `${request.method} ${printable(request.url ?? '')}: `;
  const [first = '', ...more] = linesOf(failure);
  return [`${which ?? ''}${first}`, ...more];
}

function linesOf(failure: unknown): readonly string[] {
  const trap = isTrap(failure) ? new TrapError(failure) : failure;
  if (!(trap instanceof TrapError)) return [trap instanceof Error ? trap.message : String(trap)];
  const { message, wasmStack } = trap;
  return [message, ...wasmStack.map((line) => `    ${line}`)];
}

/** A client chooses the path: it must not write lines of its own into the log. */
function printable(path: string): string {
  return path.replaceAll(/[^\x21-\x7e]/g, (character) => encodeURIComponent(character));
}

import type { RequestRecord } from '../../../wasi/component/http/server.ts';
import { TrapError } from '../../../wasi/preview1/errors.ts';
import { isTrap } from './run-command.ts';

/** A line of the access log. */
export function describeRequest({ method, path, status, milliseconds }: RequestRecord): string {
  return `${method} ${printable(path)} ${status} ${milliseconds.toFixed(1)}ms`;
}

/** What is said of a request whose handler failed; of a trap with the guest's stack. */
export function describeFailure(failure: unknown): readonly string[] {
  if (!isTrap(failure)) return [failure instanceof Error ? failure.message : String(failure)];
  const { message, wasmStack } = new TrapError(failure);
  return [message, ...wasmStack.map((line) => `    ${line}`)];
}

/** A client chooses the path: it must not write lines of its own into the log. */
function printable(path: string): string {
  return path.replaceAll(/[^\x21-\x7e]/g, (character) => encodeURIComponent(character));
}

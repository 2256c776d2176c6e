import { writeSync } from 'node:fs';
import { MissingImportsError, NotRunnableError, TrapError } from '../../wasi/preview1/errors.ts';
import type { BodyEnd } from '../container/container-body.ts';
import type { ContainerStdio } from '../container/container-stdio.ts';

/** The end of a guest that trapped; where its own complaints go, it says with what stack. */
export function trapped(
  { message, wasmStack }: TrapError,
  stdio: ContainerStdio,
  outOfMemory: boolean,
): BodyEnd {
  complain(stdio, [message, ...wasmStack.map((line) => `    ${line}`)]);
  return { kind: 'trapped', message, outOfMemory };
}

/** The end of a guest that could not even begin, and the reason, told as {@link trapped} tells it. */
export function cannotRun({ message }: Error, stdio: ContainerStdio): BodyEnd {
  complain(stdio, [message]);
  return { kind: 'cannot-run', message };
}

/** The end of a module by what it threw; our own faults are thrown on. */
export function explainModuleEnd(
  error: unknown,
  stdio: ContainerStdio,
  outOfMemory: boolean,
): BodyEnd {
  if (error instanceof TrapError) return trapped(error, stdio, outOfMemory);
  if (isUnrunnable(error)) return cannotRun(error, stdio);
  throw error;
}

function isUnrunnable(error: unknown): error is Error {
  return (
    error instanceof WebAssembly.CompileError ||
    error instanceof MissingImportsError ||
    error instanceof NotRunnableError
  );
}

/** Writes to the guest's standard error. */
export function complain({ stderr }: ContainerStdio, lines: readonly string[]): void {
  const text = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  if (typeof stderr === 'number') writeSync(stderr, text);
  else stderr.write(text);
}

import { GuestTrap } from '../../../wasi/component/abi/guest-trap.ts';
import { Command, type CommandWorld } from '../../../wasi/component/command.ts';
import { MissingImports } from '../../../wasi/component/link/missing-imports.ts';
import { UnsupportedComponent } from '../../../wasi/component/link/unsupported-component.ts';
import { loadProgram } from '../../../wasi/component/load-program.ts';
import { TrapError } from '../../../wasi/preview1/errors.ts';
import type { BodyEnd } from '../../container/container-body.ts';
import type { ContainerStdio } from '../../container/container-stdio.ts';
import type { LimitsSpec } from '../../container-spec.ts';
import { cannotRun, trapped } from '../explain-end.ts';
import { isUsedUp, limitGuestMemory } from '../guest-memory-limit.ts';
import type { OpenComponent } from './open-component.ts';

const exitCodeMask = 0xff;

export interface CommandInit {
  readonly component: OpenComponent;
  readonly world: CommandWorld;
  readonly stdio: ContainerStdio;
  readonly limits: LimitsSpec;
}

/** Runs a command component to its end, in this thread. */
export function runCommand(init: CommandInit): BodyEnd {
  let command: Command | undefined;
  try {
    command = loadCommand(init);
    // It sends no requests, so it answers with no promise.
    return exited(command.run() as number);
  } catch (error) {
    return explainCommandEnd(error, init, command);
  } finally {
    init.stdio.end();
  }
}

/** Prepares, compiles and links the command. */
export function loadCommand({ component, limits, world }: CommandInit): Command {
  limitGuestMemory(limits.memoryBytes);
  return new Command(loadProgram(component.prepare()), world);
}

export function exited(exitCode: number): BodyEnd {
  return { kind: 'exited', exitCode: exitCode & exitCodeMask };
}

/** Tells a trap of the guest's from a component that cannot be run; our own faults are thrown on. */
export function explainCommandEnd(
  error: unknown,
  { stdio, limits }: Pick<CommandInit, 'stdio' | 'limits'>,
  command?: Command,
): BodyEnd {
  if (isUnrunnable(error)) return cannotRun(error, stdio);
  if (!isTrap(error)) throw error;
  const outOfMemory = isUsedUp(command?.memoryBytes ?? 0, limits.memoryBytes);
  return trapped(new TrapError(error), stdio, outOfMemory);
}

/** Whether the guest was stopped: by WebAssembly, an exception of its own, the canonical ABI, or out of stack. */
export function isTrap(error: unknown): boolean {
  return (
    error instanceof WebAssembly.RuntimeError ||
    error instanceof WebAssembly.Exception ||
    error instanceof GuestTrap ||
    error instanceof RangeError ||
    isOfWrongType(error)
  );
}

/** Whether a guest took a function for one of another type, which is noticed where it calls it. */
function isOfWrongType(error: unknown): boolean {
  return (
    error instanceof TypeError &&
    /^ *at .*$/m.exec(error.stack ?? '')?.[0].includes('wasm://') === true
  );
}

function isUnrunnable(error: unknown): error is Error {
  return (
    error instanceof WebAssembly.CompileError ||
    error instanceof WebAssembly.LinkError ||
    error instanceof MissingImports ||
    error instanceof UnsupportedComponent
  );
}

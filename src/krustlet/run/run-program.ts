import { mkdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { ContainerSpec } from '../../runtime/container-spec.ts';
import { RuntimeError } from '../../runtime/errors.ts';
import type { RunningContainer } from '../../runtime/running-container.ts';
import { exitCodes } from '../cli/exit-codes.ts';
import type { Host } from '../cli/host.ts';
import type { Invocation } from '../cli/invocation.ts';
import { UserError } from '../cli/user-error.ts';
import { requireWasmtime } from '../containers/find-wasmtime.ts';
import { Machine } from '../containers/machine.ts';
import { importsInVain } from '../images/imports-in-vain.ts';
import { parseSeconds } from '../options/parse-duration.ts';
import { describeEnd } from '../output/describe-end.ts';
import { Attachment } from './attachment.ts';
import { cannotRun } from './check-module-file.ts';
import { containerSpecOf } from './container-spec-of.ts';
import type { Program } from './program.ts';
import type { RunOptions } from './run-options.ts';
import { StopSignals } from './stop-signals.ts';

/** Runs one module as a container, in the foreground unless told otherwise. */
export async function runProgram(
  invocation: Invocation,
  program: Program,
  args: readonly string[],
  options: RunOptions,
): Promise<number> {
  refuseContradictions(options);
  if (options.engine !== 'wasmtime') await demandImports(program);
  const grace = parseSeconds('--stop-timeout', options.stopTimeout);
  const dataDir = invocation.dataDir(options);
  const spec = {
    ...containerSpecOf(program, args, options, invocation.host, dataDir),
    ...(await engineOf(options, invocation.host)),
  };
  using machine = new Machine({ dataDir });
  if (options.detach === true) {
    const container = await start(machine, spec, program);
    invocation.print(`${container.id}\n`);
    return 0;
  }
  using attachment = new Attachment(invocation.host, spec, {
    interactive: options.interactive === true,
  });
  const container = await startUnlessStopped(machine, attachment.spec, program);
  if (container === undefined) return 128 + os.constants.signals.SIGTERM;
  const exit = await attachment.accompany(container, grace);
  if (options.rm === true) await remove(container);
  const end = describeEnd(exit, '--memory');
  if (end !== undefined) invocation.tell(`krustlet: ${end}`);
  return exit.reason === 'ContainerCannotRun' ? exitCodes.cannotRun : exit.exitCode;
}

async function engineOf({ engine, wasmtime }: RunOptions, { env }: Host) {
  if (engine !== 'wasmtime') return { engine };
  return { engine, enginePath: await requireWasmtime({ env, given: wasmtime }) };
}

async function demandImports({ name, modulePath }: Program): Promise<void> {
  const vain = await importsInVain(modulePath);
  if (vain !== undefined) throw cannotRun(name, vain);
}

function refuseContradictions({ detach, rm, tty, interactive }: RunOptions): void {
  if (detach === true && rm === true) {
    throw new UserError(
      "running failed: with --detach nobody is left to do --rm; use 'krustlet rm'",
    );
  }
  if (tty === true && interactive !== true) {
    throw new UserError('running failed: --tty needs --interactive, as in -it');
  }
}

/** Where Ctrl-C comes before the container runs, nothing of it is left. */
async function startUnlessStopped(
  machine: Machine,
  spec: ContainerSpec,
  program: Program,
): Promise<RunningContainer | undefined> {
  const stop = new AbortController();
  using _signals = new StopSignals(() => stop.abort());
  try {
    return await start(machine, spec, program, stop.signal);
  } catch (error) {
    if (stop.signal.aborted && error === stop.signal.reason) return undefined;
    throw error;
  }
}

async function start(
  machine: Machine,
  spec: ContainerSpec,
  program: Program,
  signal?: AbortSignal,
): Promise<RunningContainer> {
  const logs = path.dirname(spec.log.path);
  mkdirSync(logs, { recursive: true, mode: 0o700 });
  try {
    return await machine.start(spec, { signal });
  } catch (error) {
    if (isNameTaken(error)) {
      throw new UserError(
        `running '${program.name}' failed: there is a container '${spec.id}'; remove it with 'krustlet rm ${spec.id}'`,
        { cause: error },
      );
    }
    rmSync(logs, { recursive: true, force: true });
    throw error;
  }
}

function isNameTaken(error: unknown): boolean {
  return error instanceof RuntimeError && error.code === 'AlreadyExists';
}

async function remove(container: RunningContainer): Promise<void> {
  await container.remove();
  rmSync(path.dirname(container.spec.log.path), { recursive: true, force: true });
}

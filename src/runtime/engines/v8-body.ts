import { openListeningSocket } from '../../wasi/libc/listening-socket.ts';
import { NativeSystem } from '../../wasi/libc/native-system.ts';
import { MissingImportsError, NotRunnableError, TrapError } from '../../wasi/preview1/errors.ts';
import { type ListenerInit, Preview1Host } from '../../wasi/preview1/host.ts';
import type { BodyEnd, ContainerBody, OpenedBody } from '../container/container-body.ts';
import { mountRule } from '../container/container-policy.ts';
import { type ContainerStdio, openContainerStdio } from '../container/container-stdio.ts';
import { systemFor } from '../container/patient-stdin.ts';
import type { ContainerSpec, ListenerSpec } from '../container-spec.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { cannotRun, trapped } from './explain-end.ts';
import { isUsedUp, limitGuestMemory } from './guest-memory-limit.ts';
import { ModuleFile } from './module-file.ts';
import { admittingSystem, openRoutes } from './pod-routes.ts';
import { rehearsalModule } from './rehearsal-module.ts';
import { tierUp } from './tier-up.ts';

const exitCodeMask = 0xff;

/** Runs WASI preview1 modules in this process's own V8. */
export const v8Body: ContainerBody = {
  warm: (rehearse) => rehearse(rehearsalModule),

  open(spec: ContainerSpec, directory: string): OpenedBody {
    const native = new NativeSystem();
    const file = new ModuleFile(spec.modulePath);
    tierUp(file);
    const { routes, files } = openRoutes(spec.network, native);
    const system = admittingSystem(systemFor(spec, native), routes);
    const stdio = openContainerStdio(spec, directory, native.clocks);
    const { args, env, mounts, workingDir } = spec;
    const listeners = spec.listeners.map(openListener);
    const host = new Preview1Host({ system }, { args, env, mounts, workingDir, stdio, listeners });
    host.prepare();
    const rules = [...host.mounts.map(mountRule), ...files];
    return { files: rules, run: () => run(spec, { file, host, stdio }) };
  },
};

function openListener({ name, address, port }: ListenerSpec): ListenerInit {
  const what = `listen on ${address} port ${port} ('${name}')`;
  return { name, fd: must(what, openListeningSocket(address, port)) };
}

interface Guest {
  readonly file: ModuleFile;
  readonly host: Preview1Host;
  readonly stdio: ContainerStdio;
}

function run({ limits }: ContainerSpec, { file, host, stdio }: Guest): BodyEnd {
  limitGuestMemory(limits.memoryBytes);
  try {
    return { kind: 'exited', exitCode: host.run(file.compile()) & exitCodeMask };
  } catch (error) {
    return explain(error, stdio, isUsedUp(host.memoryBytes, limits.memoryBytes));
  } finally {
    stdio.end();
  }
}

function explain(error: unknown, stdio: ContainerStdio, outOfMemory: boolean): BodyEnd {
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

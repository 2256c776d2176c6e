import { once } from 'node:events';
import { CgiProgram } from '../../../wasi/cgi/cgi-program.ts';
import { CgiServer } from '../../../wasi/cgi/cgi-server.ts';
import type { Routes } from '../../../wasi/network/routes.ts';
import type { Descriptor } from '../../../wasi/preview1/descriptor.ts';
import { Preview1Host } from '../../../wasi/preview1/host.ts';
import type { System } from '../../../wasi/system/system.ts';
import type { BodyEnd, OpenedBody } from '../../container/container-body.ts';
import { mountRule } from '../../container/container-policy.ts';
import type { ContainerStdio } from '../../container/container-stdio.ts';
import type { ContainerSpec, HttpSpec } from '../../container-spec.ts';
import { explainModuleEnd } from '../explain-end.ts';
import { limitGuestMemory } from '../guest-memory-limit.ts';
import { HttpListeners } from '../http-listeners.ts';
import type { ModuleFile } from '../module-file.ts';
import { servingInit } from '../serving-init.ts';

/** As with requests that components answer. */
const stockTimeout = 30_000;
const maximumOutput = 64 * 1024 * 1024;
/** Bodies are read before the module runs: so many of that size are in memory at once. */
const bodyLimits = { maximumConcurrency: 32, maximumBodySize: 4 * 1024 * 1024 };

export interface CgiInit {
  readonly system: System;
  readonly routes: Routes;
  readonly file: ModuleFile;
  readonly stdio: ContainerStdio;
}

/** A module that answers HTTP as CGI programs do, until it is told to end. */
export function openCgiServer(spec: ContainerSpec, init: CgiInit): OpenedBody {
  const { args: _, env, http, mounts, workingDir } = spec;
  if (http === undefined) throw new Error("Cannot serve HTTP: the spec has no 'http'");
  const listeners = new HttpListeners(http.listen);
  // Before the container is said to run: from then on it may be told to end.
  const told = once(process, 'SIGTERM');
  const host = new Preview1Host({ system: init.system }, { env, mounts, workingDir });
  host.prepare();
  return {
    files: host.mounts.map(mountRule),
    threads: 'event-loop',
    run: () => serve(spec, http, { ...init, listeners, told, preopens: host.preopens }),
  };
}

interface Listening {
  readonly listeners: HttpListeners;
  /** Resolves when the container is told to end. */
  readonly told: Promise<unknown>;
  readonly preopens: readonly Descriptor[];
}

/** Serves until it is told to end, and then until the requests that are here have been answered. */
async function serve(
  spec: ContainerSpec,
  http: HttpSpec,
  init: CgiInit & Listening,
): Promise<BodyEnd> {
  const { listeners, told, stdio } = init;
  try {
    limitGuestMemory(spec.limits.memoryBytes);
    const server = new CgiServer(
      { program: programOf(spec, http, init) },
      { ...bodyLimits, ...servingInit(http, init) },
    );
    await listeners.giveTo(server);
    await told;
    listeners.stop();
    await server.drain();
    return { kind: 'exited', exitCode: 0 };
  } catch (error) {
    return explainModuleEnd(error, stdio, false);
  } finally {
    stdio.end();
  }
}

function programOf(
  { args, env, workingDir }: ContainerSpec,
  { serving }: HttpSpec,
  { file, preopens, stdio, system }: CgiInit & { readonly preopens: readonly Descriptor[] },
): CgiProgram {
  const { stderr } = stdio;
  return new CgiProgram(
    { system, module: file.compile(), preopens, stderr },
    { args, env, workingDir, timeout: serving.requestTimeout ?? stockTimeout, maximumOutput },
  );
}

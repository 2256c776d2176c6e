import { NativeSystem } from '../../wasi/native/native-system.ts';
import { Preview1Host } from '../../wasi/preview1/host.ts';
import type {
  BodyEnd,
  ContainerBody,
  OpenedBody,
  PreparedBody,
} from '../container/container-body.ts';
import { mountRule } from '../container/container-policy.ts';
import { type ContainerStdio, openContainerStdio } from '../container/container-stdio.ts';
import { systemFor } from '../container/patient-stdin.ts';
import type { ContainerSpec } from '../container-spec.ts';
import { ContainerLog } from '../log/container-log.ts';
import { loadProgramPart } from '../program-part.ts';
import { isCgi } from './cgi/is-cgi.ts';
import { explainModuleEnd } from './explain-end.ts';
import { isUsedUp, limitGuestMemory } from './guest-memory-limit.ts';
import { ModuleFile } from './module-file.ts';
import { openListener } from './open-listener.ts';
import { admittingSystem, openRoutes } from './pod-routes.ts';
import { rehearsalModule } from './rehearsal-module.ts';
import { sendsRequests } from './sends-requests.ts';
import { tierUp } from './tier-up.ts';

const exitCodeMask = 0xff;

/** Runs WASI preview1 modules in this process's own V8. */
export const v8Body: ContainerBody = {
  warm: (rehearse) => rehearse(rehearsalModule),

  prepare(): PreparedBody {
    const system = new NativeSystem();
    const log = new ContainerLog(system.clocks);
    const host = new Preview1Host({ system });
    return { open: (spec, directory) => open(spec, directory, { system, log, host }) };
  },
};

interface PreparedGuest {
  readonly system: NativeSystem;
  readonly log: ContainerLog;
  readonly host: Preview1Host;
}

function open(spec: ContainerSpec, directory: string, prepared: PreparedGuest): OpenedBody {
  const { system: native, log } = prepared;
  const file = new ModuleFile(spec);
  tierUp(file);
  const { routes, files } = openRoutes(spec.network, native);
  const system = admittingSystem(systemFor(spec, native), routes);
  const stdio = openContainerStdio(spec, directory, log);
  if (isCgi(spec)) {
    const body = cgiServers().openCgiServer(spec, { system, routes, file, stdio });
    return { ...body, files: [...body.files, ...files] };
  }
  const client = sendsRequests(spec)
    ? sendingModules().openModuleClient(spec, { system, routes })
    : undefined;
  const host =
    system === native && client === undefined
      ? prepared.host
      : new Preview1Host({ system }, { ...(client && { http: client.http }) });
  const { args, env, mounts, workingDir } = spec;
  host.prepare({
    args,
    env,
    mounts,
    workingDir,
    stdio,
    listeners: spec.listeners.map((listener) => ({
      name: listener.name,
      fd: openListener(listener),
    })),
  });
  const rules = [...host.mounts.map(mountRule), ...files];
  const guest = { file, host, stdio };
  if (client === undefined) return { files: rules, run: () => run(spec, guest) };
  const { needs } = client;
  return { ...needs, files: [...rules, ...needs.files], run: () => runSending(spec, guest) };
}

/** Loaded by those who need it, before their sandbox closes, as it brings an HTTP server. */
function cgiServers(): typeof import('./cgi/open-cgi-server.ts') {
  return loadProgramPart('runtime/engines/cgi/open-cgi-server');
}

/** Loaded in the same way, as it brings an HTTP client. */
function sendingModules(): typeof import('./sending-modules.ts') {
  return loadProgramPart('runtime/engines/sending-modules');
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
    return explainModuleEnd(error, stdio, isUsedUp(host.memoryBytes, limits.memoryBytes));
  } finally {
    stdio.end();
  }
}

/** As {@link run}, on the event loop: the guest is suspended while it waits for responses. */
async function runSending(
  { limits }: ContainerSpec,
  { file, host, stdio }: Guest,
): Promise<BodyEnd> {
  limitGuestMemory(limits.memoryBytes);
  try {
    return { kind: 'exited', exitCode: (await host.runSuspending(file.compile())) & exitCodeMask };
  } catch (error) {
    return explainModuleEnd(error, stdio, isUsedUp(host.memoryBytes, limits.memoryBytes));
  } finally {
    stdio.end();
  }
}

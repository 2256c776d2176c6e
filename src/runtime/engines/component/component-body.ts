import { statSync } from 'node:fs';
import { NativeSystem } from '../../../wasi/native/native-system.ts';
import type { Descriptor } from '../../../wasi/preview1/descriptor.ts';
import { openMount } from '../../../wasi/preview1/open-mount.ts';
import type { ContainerBody, OpenedBody } from '../../container/container-body.ts';
import { mountRule } from '../../container/container-policy.ts';
import { openContainerStdio } from '../../container/container-stdio.ts';
import { systemFor } from '../../container/patient-stdin.ts';
import type { ContainerSpec } from '../../container-spec.ts';
import { ContainerLog } from '../../log/container-log.ts';
import { loadProgramPart } from '../../program-part.ts';
import { cannotRun } from '../explain-end.ts';
import { admittingSystem, openRoutes } from '../pod-routes.ts';
import { tierUp } from '../tier-up.ts';
import { needsOf } from './component-needs.ts';
import { guestNetwork, networkNeeds } from './component-network.ts';
import { componentWorld, type OpenMount } from './component-world.ts';
import { openComponent } from './open-component.ts';
import { type CommandInit, runCommand } from './run-command.ts';
import type { ThreadDescriptors } from './threads/thread-init.ts';

/** Runs components of WASI 0.2 and 0.3 in this process's own V8. */
export const componentBody: ContainerBody = {
  // What a command shares with modules is warm by those.
  warm() {},

  rehearsals() {
    const { rehearseHttp, threadSources } = eventLoopBodies();
    threadSources.read();
    return rehearseHttp();
  },

  prepare: () => ({ open }),
};

function open(spec: ContainerSpec, directory: string): OpenedBody {
  const native = systemFor(spec, new NativeSystem());
  const { routes, files: routeFiles, handles } = openRoutes(spec.network, native);
  const system = admittingSystem(native, routes);
  const stdio = openContainerStdio(spec, directory, new ContainerLog(system.clocks));
  const mounts = spec.mounts.map((mount) => openMount(system, mount));
  const files = [...mounts.map(mountRule), ...routeFiles];
  const component = openComponent(spec);
  if (component.kind === 'unusable') {
    return { files, run: () => cannotRun(component.reason, stdio) };
  }
  tierUp({ bytes: statSync(spec.modulePath).size });
  const network = spec.network && guestNetwork(spec.network, { system, routes });
  const world = componentWorld(spec, { system, stdio, mounts, network });
  const opened = { stdin: stdio.stdin, mounts: mounts.map(plainMount), routes: handles };
  const body = bodyFor(spec, { component, world, stdio, limits: spec.limits, opened });
  return { ...body, files: [...files, ...body.files], ...networkNeeds(spec, body) };
}

function plainMount({ handle, onlyFile, readOnly }: Descriptor): OpenMount {
  return { handle, onlyFile, readOnly };
}

interface ComponentInit extends CommandInit {
  readonly opened: ThreadDescriptors;
}

function bodyFor(spec: ContainerSpec, init: ComponentInit): OpenedBody {
  const needs = needsOf(init.component.plan);
  switch (needs) {
    case 'command':
      return { files: [], run: () => runCommand(init) };
    case 'event-loop-command':
      return eventLoopBodies().openEventLoopCommand(spec, init);
    case 'http-server':
      if (spec.exec && spec.exec.program !== 'main') {
        return refuse(init, 'it serves HTTP and has no command to run');
      }
      return eventLoopBodies().openHttpServer(spec, init);
    case undefined:
      return refuse(init, "it exports neither 'wasi:cli/run' nor a handler of 'wasi:http'");
    default:
      return needs satisfies never;
  }
}

function refuse({ stdio }: CommandInit, why: string): OpenedBody {
  return { files: [], run: () => cannotRun(new Error(`Cannot run the component: ${why}`), stdio) };
}

/**
 * Loaded by those who need it, before their sandbox closes: it brings an HTTP client and server,
 * whose memory every other container would carry along.
 */
function eventLoopBodies(): typeof import('./event-loop-bodies.ts') {
  return loadProgramPart('runtime/engines/component/event-loop-bodies');
}

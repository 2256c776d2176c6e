import type {
  BodyEnd,
  ContainerBody,
  OpenedBody,
} from '../../src/runtime/container/container-body.ts';
import { mountRule } from '../../src/runtime/container/container-policy.ts';
import { openContainerStdio } from '../../src/runtime/container/container-stdio.ts';
import type { ContainerSpec } from '../../src/runtime/container-spec.ts';
import { openListener } from '../../src/runtime/engines/open-listener.ts';
import { ContainerLog } from '../../src/runtime/log/container-log.ts';
import { NativeSystem } from '../../src/wasi/native/native-system.ts';
import { openMount } from '../../src/wasi/preview1/open-mount.ts';
import { attack } from './attacks.ts';
import { OtherThread } from './other-thread.ts';

/**
 * An engine whose guest has already escaped: it runs one of the attacks that the spec's arguments
 * name, in the place and with the rights of the real one, and writes what came of it to the log.
 * With a variable THREADS it has the rights of an engine that has an event loop; with OTHER_THREAD it
 * attacks in a thread that there was before the sandbox closed. It stands in the container's directory.
 * Descriptors of the
 * sockets that it listens on are further arguments.
 */
export const hostileBody: ContainerBody = {
  warm: () => {},

  prepare: () => ({ open }),
};

function open(spec: ContainerSpec, directory: string): OpenedBody {
  const system = new NativeSystem();
  const stdio = openContainerStdio(spec, directory, new ContainerLog(system.clocks));
  const { stdout } = stdio;
  if (typeof stdout === 'number') throw new Error('Cannot attack without a log');
  process.chdir(directory);
  const has = (variable: string) => spec.env.some(({ name }) => name === variable);
  const other = has('OTHER_THREAD') ? new OtherThread() : undefined;
  const listeners = spec.listeners.map((listener) => `${openListener(listener)}`);
  return {
    ...(has('THREADS') && { threads: 'event-loop' }),
    files: spec.mounts.map((mount) => mountRule(openMount(system, mount))),
    run(): BodyEnd {
      const args = [...spec.args, ...listeners];
      stdout.write(Buffer.from(`${other ? other.attack(args) : attack(args)}\n`));
      stdio.end();
      return { kind: 'exited', exitCode: 0 };
    },
  };
}

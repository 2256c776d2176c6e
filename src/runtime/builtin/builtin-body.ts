import { NativeSystem } from '../../wasi/native/native-system.ts';
import type { ContainerBody, OpenedBody } from '../container/container-body.ts';
import { mountRule } from '../container/container-policy.ts';
import { openContainerStdio } from '../container/container-stdio.ts';
import type { ContainerSpec } from '../container-spec.ts';
import { ContainerLog } from '../log/container-log.ts';
import { ByteChannel } from './byte-channel.ts';
import { GuestFiles } from './guest-files.ts';
import { runBuiltin } from './run-builtin.ts';

/** Runs built-in commands, in the same sandbox and over the same resolver as guests. */
export const builtinBody: ContainerBody = {
  // What they share with guests is warm by those; the commands themselves are not worth it.
  warm() {},

  prepare: () => ({ open }),
};

function open(spec: ContainerSpec, directory: string): OpenedBody {
  const system = new NativeSystem();
  const stdio = openContainerStdio(spec, directory, new ContainerLog(system.clocks));
  const files = new GuestFiles(system, spec);
  const io = new ByteChannel(system.streams);
  return {
    files: files.mounts.map(mountRule),
    run() {
      const exitCode = runBuiltin(spec.args, { env: spec.env, files, io });
      stdio.end();
      return { kind: 'exited', exitCode };
    },
  };
}

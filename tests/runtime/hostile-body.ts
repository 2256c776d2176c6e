import type { BodyEnd, ContainerBody } from '../../src/runtime/container/container-body.ts';
import { openContainerStdio } from '../../src/runtime/container/container-stdio.ts';
import { NativeSystem } from '../../src/wasi/libc/native-system.ts';
import { attack } from './attacks.ts';

/**
 * An engine whose guest has already escaped: it runs one of the attacks that the spec's arguments
 * name, in the place and with the rights of the real one, and writes what came of it to the log.
 */
export const hostileBody: ContainerBody = {
  warm: () => {},

  open(spec, directory) {
    const stdio = openContainerStdio(spec, directory, new NativeSystem().clocks);
    const { stdout } = stdio;
    if (typeof stdout === 'number') throw new Error('Cannot attack without a log');
    return {
      files: [],
      run(): BodyEnd {
        stdout.write(Buffer.from(`${attack(spec.args)}\n`));
        stdio.end();
        return { kind: 'exited', exitCode: 0 };
      },
    };
  },
};

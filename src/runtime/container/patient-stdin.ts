import { waitForInput } from '../../wasi/libc/wait-for-input.ts';
import type { Streams } from '../../wasi/system/streams.ts';
import type { System } from '../../wasi/system/system.ts';
import type { ContainerSpec } from '../container-spec.ts';

const stdin = 0;

/** The system of a container's guest, whose standard input may wait for its first writer. */
export function systemFor({ stdin, tty, exec }: ContainerSpec, native: System): System {
  return stdin === 'once' && !tty && exec === undefined ? withPatientStdin(native) : native;
}

/**
 * A system whose standard input, a FIFO, is not at its end before its first writer has come: the
 * first read waits for that one, later reads find the end when the last writer has gone.
 */
function withPatientStdin(system: System): System {
  const { streams } = system;
  let waited = false;
  const read: Streams['read'] = (handle, memory, vectors) => {
    if (handle === stdin && !waited) {
      waitForInput(stdin);
      waited = true;
    }
    return streams.read(handle, memory, vectors);
  };
  return { ...system, streams: delegate(streams, read) };
}

function delegate(streams: Streams, read: Streams['read']): Streams {
  return {
    read,
    write: (...args) => streams.write(...args),
    readAt: (...args) => streams.readAt(...args),
    writeAt: (...args) => streams.writeAt(...args),
    seek: (...args) => streams.seek(...args),
    close: (...args) => streams.close(...args),
  };
}

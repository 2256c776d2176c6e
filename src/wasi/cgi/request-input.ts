import type { Streams } from '../system/streams.ts';
import type { System } from '../system/system.ts';

/** The handle of the body: of the process's own standard input, which leads nowhere. */
export const requestInput = 0;

/** A system whose standard input is the body of a request. */
export function withInput(system: System, body: Uint8Array): System {
  const { streams } = system;
  let at = 0;
  const read: Streams['read'] = (handle, memory, vectors) => {
    if (handle !== requestInput) return streams.read(handle, memory, vectors);
    const start = at;
    for (const part of vectors.parts(memory)) {
      const piece = body.subarray(at, at + part.length);
      part.set(piece);
      at += piece.length;
    }
    return at - start;
  };
  return { ...system, streams: { ...delegated(streams), read } };
}

function delegated(streams: Streams): Omit<Streams, 'read'> {
  return {
    write: (...args) => streams.write(...args),
    readAt: (...args) => streams.readAt(...args),
    writeAt: (...args) => streams.writeAt(...args),
    seek: (...args) => streams.seek(...args),
    close: (...args) => streams.close(...args),
  };
}

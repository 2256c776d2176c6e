import { errno } from '../errno.ts';
import { fileType } from '../system/file-status.ts';
import { fileFlag } from '../system/files.ts';
import { receiveFlag, shutdownFlag } from '../system/sockets.ts';
import type { Context } from './context.ts';
import { Descriptor } from './descriptor.ts';
import { right, rightsOfType } from './rights.ts';

type SockContext = Pick<Context, 'descriptors' | 'memory' | 'status' | 'system' | 'vectors'>;

const dataTruncated = 1;

/** Sockets that were opened for the guest, and the connections that they accept. */
export function sockFunctions({ descriptors, memory, status, system, vectors }: SockContext) {
  const { sockets } = system;

  /** The descriptor if it is a socket that has the rights. */
  function socket(fd: number, rights: number): Descriptor | number {
    const descriptor = descriptors.get(fd);
    if (typeof descriptor === 'number') return descriptor;
    // Somebody else goes on using what is borrowed: to the guest it is a stream like any other.
    if (descriptor.borrowed) return errno.notsock;
    const type = descriptor.type(system, status);
    if (type !== fileType.socketStream && type !== fileType.socketDgram) return errno.notsock;
    return descriptors.get(fd, rights);
  }

  return {
    /** Takes the next connection and writes its descriptor, a u32; as `accept`. `again` `inval` */
    sock_accept(fd: number, flags: number, result: number): number {
      const listener = socket(fd, right.sockAccept);
      if (typeof listener === 'number') return listener;
      if ((flags & ~fileFlag.nonblock) !== 0) return errno.inval;
      if (!memory.covers(result >>> 0, 4)) return errno.fault;
      const handle = sockets.accept(listener.handle, (flags & fileFlag.nonblock) !== 0);
      if (handle < 0) return -handle;
      const accepted = new Descriptor(handle, {
        flags,
        rights: rightsOfType(fileType.socketStream),
        type: fileType.socketStream,
      });
      memory.view.setUint32(result >>> 0, descriptors.add(accepted), true);
      return errno.success;
    },

    /** Receives into the vectors, as `recvmsg`. Writes how many bytes and the output flags, u16. */
    sock_recv(
      fd: number,
      list: number,
      count: number,
      flags: number,
      sizeResult: number,
      flagsResult: number,
    ): number {
      const descriptor = socket(fd, right.fdRead);
      if (typeof descriptor === 'number') return descriptor;
      if ((flags & ~(receiveFlag.peek | receiveFlag.waitAll)) !== 0) return errno.inval;
      if (!memory.covers(sizeResult >>> 0, 4)) return errno.fault;
      if (!memory.covers(flagsResult >>> 0, 2)) return errno.fault;
      const failure = vectors.take(memory, list >>> 0, count >>> 0);
      if (failure !== errno.success) return failure;
      const received = sockets.receive(descriptor.handle, memory, vectors, flags);
      if (received < 0) return -received;
      memory.view.setUint32(sizeResult >>> 0, received, true);
      memory.view.setUint16(flagsResult >>> 0, sockets.truncated ? dataTruncated : 0, true);
      return errno.success;
    },

    /** Sends the vectors, as `sendmsg`. There are no flags. Writes how many bytes. `pipe` `inval` */
    sock_send(fd: number, list: number, count: number, flags: number, result: number): number {
      const descriptor = socket(fd, right.fdWrite);
      if (typeof descriptor === 'number') return descriptor;
      if (flags !== 0) return errno.inval;
      if (!memory.covers(result >>> 0, 4)) return errno.fault;
      const failure = vectors.take(memory, list >>> 0, count >>> 0);
      if (failure !== errno.success) return failure;
      const sent = sockets.send(descriptor.handle, memory, vectors);
      if (sent < 0) return -sent;
      memory.view.setUint32(result >>> 0, sent, true);
      return errno.success;
    },

    /** Ends one or both directions of a connection, as `shutdown`. `notsock` `notconn` `inval` */
    sock_shutdown(fd: number, how: number): number {
      const descriptor = socket(fd, right.sockShutdown);
      if (typeof descriptor === 'number') return descriptor;
      const directions = shutdownFlag.read | shutdownFlag.write;
      if ((how & ~directions) !== 0 || (how & directions) === 0) return errno.inval;
      return sockets.shutdown(descriptor.handle, how);
    },
  };
}

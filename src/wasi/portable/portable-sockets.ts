import { errno } from '../errno.ts';
import type { Sockets } from '../system/sockets.ts';

/** There are none: Node's sockets cannot be waited for in a call. */
export class PortableSockets implements Sockets {
  readonly truncated = false;

  accept(): number {
    return -errno.notsup;
  }

  receive(): number {
    return -errno.notsup;
  }

  send(): number {
    return -errno.notsup;
  }

  shutdown(): number {
    return errno.notsup;
  }
}

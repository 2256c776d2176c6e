import type { HostInterface } from './abi/host-function.ts';
import { environment } from './cli/environment.ts';
import { exit } from './cli/exit.ts';
import { stderr } from './cli/stderr.ts';
import { stdin } from './cli/stdin.ts';
import { stdout } from './cli/stdout.ts';
import { terminals } from './cli/terminals.ts';
import { monotonicClock } from './clocks/monotonic-clock.ts';
import { timezone } from './clocks/timezone.ts';
import { wallClock } from './clocks/wall-clock.ts';
import { drafts } from './config/drafts.ts';
import { store } from './config/store.ts';
import { preopens } from './filesystem/preopens.ts';
import { types as filesystemTypes } from './filesystem/types.ts';
import { outgoingHandler } from './http/outgoing-handler.ts';
import { types as httpTypes } from './http/types.ts';
import { ioError } from './io/error.ts';
import { poll } from './io/poll.ts';
import { streams } from './io/streams.ts';
import { hostInterfaces03 } from './p3/interfaces.ts';
import { insecure } from './random/insecure.ts';
import { insecureSeed } from './random/insecure-seed.ts';
import { random } from './random/random.ts';
import { instanceNetwork } from './sockets/instance-network.ts';
import { ipNameLookup } from './sockets/ip-name-lookup.ts';
import { network } from './sockets/network.ts';
import { tcp } from './sockets/tcp.ts';
import { tcpCreateSocket } from './sockets/tcp-create-socket.ts';
import { udp } from './sockets/udp.ts';
import { udpCreateSocket } from './sockets/udp-create-socket.ts';

/** Every WASI interface a component may import here. */
export const hostInterfaces: readonly HostInterface[] = [
  environment,
  exit,
  stdin,
  stdout,
  stderr,
  ...terminals,
  monotonicClock,
  wallClock,
  ...timezone,
  store,
  ...drafts,
  filesystemTypes,
  preopens,
  httpTypes,
  outgoingHandler,
  ioError,
  poll,
  streams,
  insecure,
  insecureSeed,
  random,
  network,
  instanceNetwork,
  tcp,
  tcpCreateSocket,
  udp,
  udpCreateSocket,
  ipNameLookup,
  ...hostInterfaces03,
];

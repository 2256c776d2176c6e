import { errno } from '../../errno.ts';
import type { AddressFamily, Endpoint } from '../../system/network-sockets.ts';
import { shutdownFlag } from '../../system/sockets.ts';
import { Resource } from '../abi/resource.ts';
import { done, ok } from '../abi/variants.ts';
import { alwaysReady, type Readiness } from '../io/readiness.ts';
import { isDestination, isUnicastOf, sourceTowards } from './address-rules.ts';
import { errorCodeOf, type Outcome, refuse, statusOutcome } from './error-code.ts';
import { outcomeOf } from './guest-network.ts';
import type { OpenSocket } from './open-socket.ts';
import { TcpInputStream } from './tcp-input-stream.ts';
import { TcpOutputStream } from './tcp-output-stream.ts';

/** As the operation of wasi:sockets leaves it: each is started and finished by a call of its own. */
type TcpState =
  | 'unbound'
  | 'bind-started'
  | 'bound'
  | 'connect-started'
  | 'connected'
  | 'listen-started'
  | 'listening'
  | 'closed';

export type ShutdownType = 'receive' | 'send' | 'both';

export type Connection = readonly [TcpInputStream, TcpOutputStream];

const defaultBacklog = 128;

/** `wasi:sockets/tcp.tcp-socket`. */
export class TcpSocket extends Resource {
  readonly family: AddressFamily;
  readonly open: OpenSocket;
  #state: TcpState;
  #backlog = defaultBacklog;
  #streams: Connection | undefined;
  /** Where the guest connects to, which may be a Service's address. */
  #remote: Endpoint | undefined;

  /** What {@link start-connect} and the like began, and a listener's next connection. */
  readonly readiness: Readiness = {
    ready: () => this.#awaited().ready(),
    source: () => this.#awaited().source(),
  };

  constructor(open: OpenSocket, family: AddressFamily, state: 'unbound' | 'connected' = 'unbound') {
    super();
    this.open = open;
    this.family = family;
    this.#state = state;
  }

  get isListening(): boolean {
    return this.#state === 'listening';
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  startBind(local: Endpoint): Outcome<undefined> {
    if (!isUnicastOf(this.family, local.address)) return refuse('invalid-argument');
    if (this.#isBusy()) return refuse('concurrency-conflict');
    if (this.#state !== 'unbound') return refuse('invalid-state');
    const { network, handle } = this.open;
    const means = network.bindable(local);
    if (means === undefined) return refuse('address-not-bindable');
    network.sockets.setOption(handle, 'reuseAddress', 1);
    const status = network.sockets.bind(handle, means);
    if (status !== errno.success) return refuse(bindErrorOf(status));
    this.#state = 'bind-started';
    return done;
  }

  finishBind(): Outcome<undefined> {
    return this.#finish('bind-started', 'bound');
  }

  startConnect(remote: Endpoint): Outcome<undefined> {
    if (this.#isBusy()) return refuse('concurrency-conflict');
    if (this.#state !== 'unbound' && this.#state !== 'bound') return refuse('invalid-state');
    if (!isDestination(this.family, remote)) return refuse('invalid-argument');
    const { network } = this.open;
    const means = network.allowed(remote);
    if (means.kind === 'error') return means;
    const to = outcomeOf(network.routes.to('TCP', means.value));
    if (to.kind === 'error') return to;
    this.#remote = means.value;
    const status = this.#leaveFromOwnAddress(to.value) || this.#connect(to.value);
    if (status !== errno.success && status !== errno.inprogress) {
      this.#state = 'closed';
      return refuse(connectErrorOf(status));
    }
    this.#state = 'connect-started';
    return done;
  }

  finishConnect(): Outcome<Connection> {
    if (this.#state !== 'connect-started') return refuse('not-in-progress');
    if (!this.open.writable.ready()) return refuse('would-block');
    const failure = this.open.network.sockets.option(this.open.handle, 'error');
    if (failure !== errno.success) {
      this.#state = 'closed';
      return refuse(connectErrorOf(Math.abs(failure)));
    }
    this.#state = 'connected';
    return ok(this.#openStreams());
  }

  startListen(): Outcome<undefined> {
    if (this.#isBusy()) return refuse('concurrency-conflict');
    if (this.#state !== 'bound') return refuse('invalid-state');
    const status = this.open.network.sockets.listen(this.open.handle, this.#backlog);
    if (status !== errno.success) return statusOutcome(status);
    this.#state = 'listen-started';
    return done;
  }

  finishListen(): Outcome<undefined> {
    return this.#finish('listen-started', 'listening');
  }

  accept(): Outcome<readonly [TcpSocket, ...Connection]> {
    if (this.#state !== 'listening') return refuse('invalid-state');
    const { system } = this.open;
    const handle = system.sockets.accept(this.open.handle, true);
    if (handle < 0) return refuse(acceptErrorOf(-handle));
    const accepted = new TcpSocket(this.open.another(handle), this.family, 'connected');
    return ok([accepted, ...accepted.#openStreams()]);
  }

  setBacklog(size: bigint): Outcome<undefined> {
    if (size === 0n) return refuse('invalid-argument');
    const backlog = size < 4096n ? Number(size) : 4096;
    if (this.#state === 'listening') {
      return statusOutcome(this.open.network.sockets.listen(this.open.handle, backlog));
    }
    if (this.#state.startsWith('connect') || this.isClosed) return refuse('invalid-state');
    this.#backlog = backlog;
    return done;
  }

  localAddress(): Outcome<Endpoint> {
    if (['unbound', 'bind-started', 'closed'].includes(this.#state)) return refuse('invalid-state');
    return this.#endpoint('local');
  }

  remoteAddress(): Outcome<Endpoint> {
    if (this.#state !== 'connected') return refuse('invalid-state');
    return this.#remote ? ok(this.#remote) : this.#endpoint('remote');
  }

  shutdown(type: ShutdownType): Outcome<undefined> {
    if (this.#state !== 'connected') return refuse('invalid-state');
    const [input, output] = this.#streams ?? [];
    if (type !== 'send') {
      input?.end();
      this.open.system.sockets.shutdown(this.open.handle, shutdownFlag.read);
    }
    if (type !== 'receive') output?.end();
    return done;
  }

  override drop(): void {
    this.open.release();
  }

  #isBusy(): boolean {
    return this.#state.endsWith('-started');
  }

  #finish(from: TcpState, to: TcpState): Outcome<undefined> {
    if (this.#state !== from) return refuse('not-in-progress');
    this.#state = to;
    return done;
  }

  /** A connection comes from the pod's address, also where the guest did not ask for one. */
  #leaveFromOwnAddress(to: Endpoint): number {
    if (this.#state === 'bound') return errno.success;
    const { network, handle } = this.open;
    const own = network.ownAddress(this.family);
    if (own === undefined) return errno.netunreach;
    const address = sourceTowards(own, to.address);
    if (address === undefined) return errno.success;
    network.sockets.setOption(handle, 'noEarlyPort', 1);
    return network.sockets.bind(handle, { address, port: 0 });
  }

  #connect(remote: Endpoint): number {
    return this.open.network.sockets.connect(this.open.handle, remote);
  }

  #openStreams(): Connection {
    this.#streams = [new TcpInputStream(this.open), new TcpOutputStream(this.open)];
    return this.#streams;
  }

  #endpoint(side: 'local' | 'remote'): Outcome<Endpoint> {
    const endpoint = this.open.network.sockets.endpoint(this.open.handle, side);
    return typeof endpoint === 'number' ? refuse(errorCodeOf(-endpoint)) : ok(endpoint);
  }

  #awaited(): Readiness {
    if (this.#state === 'connect-started') return this.open.writable;
    return this.#state === 'listening' ? this.open.readable : alwaysReady;
  }
}

function bindErrorOf(status: number) {
  // All ports that the kernel gives out by itself are taken.
  if (status === errno.nobufs) return 'address-in-use';
  return status === errno.inval ? 'invalid-state' : errorCodeOf(status);
}

function connectErrorOf(status: number) {
  return status === errno.addrnotavail ? 'address-in-use' : errorCodeOf(status);
}

/** A connection that is gone before it was taken is none: there may be another. */
function acceptErrorOf(status: number) {
  const isGone = [errno.connaborted, errno.netdown, errno.proto, errno.hostunreach].some(
    (gone) => gone === status,
  );
  return isGone ? 'would-block' : errorCodeOf(status);
}

import type { AddressFamily, Endpoint } from '../../../system/network-sockets.ts';
import type { Guest } from '../../abi/guest.ts';
import { Resource } from '../../abi/resource.ts';
import { done, error, ok, type Result } from '../../abi/variants.ts';
import type { HostCall } from '../../async/async-function.ts';
import { type BytesAndEnd, bytesFrom, writeBytes } from '../../async/byte-streams.ts';
import { Channel } from '../../async/channel.ts';
import { emptyChannel, futureOf } from '../../async/host-channel.ts';
import { anyEndpoint } from '../../sockets/address-rules.ts';
import type { Outcome } from '../../sockets/error-code.ts';
import type { OpenSocket } from '../../sockets/open-socket.ts';
import type { Connection, TcpSocket as TcpSocket02 } from '../../sockets/tcp-socket.ts';
import { ConnectionProducer } from './connection-producer.ts';
import { codeOf, type ErrorCode } from './error-code.ts';
import { ReceivingHalf } from './receiving-half.ts';

type End = Result<undefined, ErrorCode>;

const invalidState: Result<never, ErrorCode> = error('invalid-state');

/** `wasi:sockets/types.tcp-socket`: what 0.2 starts and finishes is one call here. */
export class TcpSocket extends Resource {
  readonly socket: TcpSocket02;
  #input: Connection[0] | undefined;
  #output: Connection[1] | undefined;

  constructor(socket: TcpSocket02, connection?: Connection) {
    super();
    this.socket = socket;
    [this.#input, this.#output] = connection ?? [];
  }

  get open(): OpenSocket {
    return this.socket.open;
  }

  get family(): AddressFamily {
    return this.socket.family;
  }

  bind(local: Endpoint): Outcome<undefined> {
    const started = this.socket.startBind(local);
    return started.kind === 'ok' ? this.socket.finishBind() : started;
  }

  async connect(call: HostCall, remote: Endpoint): Promise<Result<undefined, ErrorCode>> {
    const started = this.socket.startConnect(remote);
    if (started.kind === 'error') {
      return started.error === 'concurrency-conflict' ? invalidState : started;
    }
    await call.wait([this.socket.readiness]);
    const connected = this.socket.finishConnect();
    if (connected.kind === 'error') return connected;
    [this.#input, this.#output] = connected.value;
    return done;
  }

  /** Every connection that comes; a socket that is not bound is bound to some port. */
  listen(guest: Guest): Outcome<Channel<TcpSocket>> {
    this.bind(anyEndpoint(this.family));
    const started = this.socket.startListen();
    if (started.kind === 'error') return started;
    this.socket.finishListen();
    return ok(new Channel(new ConnectionProducer(guest, this.socket)));
  }

  /** What the other side sends; can be had once. */
  receive(guest: Guest): BytesAndEnd<ErrorCode> {
    const input = this.#input;
    this.#input = undefined;
    if (input === undefined) return [emptyChannel(), futureOf<End>(invalidState)];
    return bytesFrom(guest, new ReceivingHalf(this.socket, input), codeOf);
  }

  /** Sends all of `data`, and that this was all; can be done once. */
  send(guest: Guest, data: Channel<number>): End | Promise<End> {
    const output = this.#output;
    this.#output = undefined;
    if (output !== undefined) return writeBytes(guest, data, output, codeOf);
    data.dropReader();
    return invalidState;
  }

  override drop(): void {
    this.#input?.drop();
    this.#output?.drop();
    this.socket.drop();
  }
}

import type { Socket } from 'node:net';
import type { MessagePort } from 'node:worker_threads';
import { GuestAnswers } from '../http/guest-answers.ts';
import { RequestServer, type RequestServerInit } from '../http/request-server.ts';
import type { InstancePool } from '../pool/instance-pool.ts';
import { RequestMarks } from './request-marks.ts';
import { steadyTime } from './steady-time.ts';
import type { ThreadMemory } from './thread-memory.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

export interface GuestThreadComponents {
  /** Leads to the `ThreadClient`. */
  readonly port: MessagePort;
  readonly pool: InstancePool;
  readonly memory: ThreadMemory;
  readonly duplicate: (fd: number) => number;
}

/** How often a thread shows that it goes on, in milliseconds. */
const beatInterval = 250;

/** Serves connections that another thread has accepted. */
export class GuestThread extends RequestServer {
  readonly #port: MessagePort;
  readonly #memory: ThreadMemory;
  readonly #marks: RequestMarks;
  #timer: NodeJS.Timeout | undefined;

  constructor({ port, pool, memory, duplicate }: GuestThreadComponents, init: RequestServerInit) {
    const { share } = memory;
    const marks = new RequestMarks(memory);
    const answer = marks.noting(new GuestAnswers({ pool }, init).answer);
    super({ answer, share, duplicate, Response: marks.responses() }, init);
    this.#port = port;
    this.#memory = memory;
    this.#marks = marks;
  }

  /** Begins to take connections, for as long as the thread is there. */
  start(): void {
    this.open();
    this.#beat();
    this.#timer = setInterval(() => this.#beat(), beatInterval);
    this.#port.on('message', (message: ToThread) => this.#take(message));
    this.#tell({ kind: 'ready' });
  }

  /** Ends what {@link start} has begun; connections are as they are. */
  stop(): void {
    clearInterval(this.#timer);
    this.#port.close();
  }

  readonly #tell = (message: FromThread): void => this.#port.postMessage(message);

  #beat(): void {
    this.#memory.beat[0] = steadyTime();
    this.connections.closeUnused();
  }

  #take(message: ToThread): void {
    switch (message.kind) {
      case 'connection':
        this.#serve(message);
        return;
      case 'give':
        this.connections.give(message.most, this.#giveBack);
        return;
      case 'drain':
        this.connections.stopGiving();
        void this.drain().then(() => this.#tell({ kind: 'drained' }));
        return;
      default:
        message satisfies never;
    }
  }

  readonly #giveBack = (fd: number): void => {
    this.#memory.owners[fd] = 0;
    this.#tell({ kind: 'connection', fd });
  };

  #serve({ id, fd }: Extract<ToThread, { kind: 'connection' }>): void {
    const socket = this.connections.adopt(fd);
    this.#marks.take(socket, fd);
    beforeClosing(socket, () => {
      this.#memory.owners[fd] = 0; // from now on the number may be another's
    });
    socket.once('close', () => this.#tell({ kind: 'closed', id }));
  }
}

/** Calls back before the descriptor is closed; 'close' is told of when that has happened. */
function beforeClosing(socket: Socket, call: () => void): void {
  const { _destroy: destroy } = socket;
  socket._destroy = (failure, callback) => {
    call();
    destroy.call(socket, failure, callback);
  };
}

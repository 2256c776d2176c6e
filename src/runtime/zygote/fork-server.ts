import { closeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Pipe } from '../../wasi/libc/pipe.ts';
import { processId } from '../../wasi/libc/process.ts';
import { isReadable } from '../../wasi/libc/wait-for-input.ts';
import type { ContainerBodies } from '../container/container-body.ts';
import { fork } from './fork.ts';
import { type ForkRequest, isWarm, readForkAnswer, sendForkRequest } from './fork-request.ts';
import type { Reaper } from './reaper.ts';
import { serveForks } from './serve-forks.ts';
import { zygotePipe } from './zygote-pipe.ts';

export interface ForkServerComponents {
  readonly reaper: Reaper;
  readonly bodies: ContainerBodies;
  /** The zygotes' directory. */
  readonly directory: string;
  /** What `ps` shows. */
  readonly title: string;
  /** See `libuvDescriptors`. */
  readonly libuvs: readonly number[];
}

interface ForkServerInit {
  readonly pid: number;
  readonly requests: Pipe;
  readonly answers: Pipe;
}

/**
 * A process that does nothing but fork, for a zygote that does everything else. Each page that a
 * process writes to between two forks is one more that its children do not share: a zygote, with
 * its event loop and its sockets, writes to hundreds.
 *
 * Its children are the zygote's, which reaps them.
 */
export class ForkServer implements Disposable {
  readonly #requests: number;
  readonly #answers: number;
  readonly #reaper: Reaper;
  #ended = false;
  #hasWarmedUp = false;

  /**
   * Makes a fork server that can make one for event loops, for a zygote that has begun nothing on
   * its own: a container would find the zygote's sockets and timers there. Resolves in the zygote
   * alone.
   */
  static async first(components: ForkServerComponents): Promise<ForkServer> {
    await setImmediate(); // libuv is then in the middle of nothing that a container would go on with
    const [requests, answers] = [zygotePipe(), zygotePipe()];
    const pid = forkServer(components, { requests, answers });
    if (pid === 0) await new Promise(() => {});
    return new ForkServer(components, { pid, requests, answers });
  }

  /** Makes one at any time, which can make none for event loops. */
  static again(components: ForkServerComponents): ForkServer {
    const [requests, answers] = [zygotePipe(), zygotePipe()];
    const pid = forkServer(components, { requests, answers });
    return new ForkServer(components, { pid, requests, answers });
  }

  constructor({ reaper }: { readonly reaper: Reaper }, { pid, requests, answers }: ForkServerInit) {
    this.#reaper = reaper;
    void reaper.endOf(pid).then(() => {
      this.#ended = true;
    });
    closeSync(requests.read);
    closeSync(answers.write);
    this.#requests = requests.write;
    this.#answers = answers.read;
  }

  /** Whether it has ended by itself: it can only be disposed of. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether it has become warm since this was last asked: what it forked before is better forked again. */
  hasWarmedUp(): boolean {
    if (!this.#ended && isReadable(this.#answers, 0)) this.#hear();
    const hasWarmedUp = this.#hasWarmedUp;
    this.#hasWarmedUp = false;
    return hasWarmedUp;
  }

  /**
   * Forks a container process.
   *
   * @param read end of the pipe with its orders
   * @param write end of the pipe for its start report
   * @returns its pid
   * @throws where the process that forks has ended, or may not fork
   */
  child(read: number, write: number): number {
    return this.#ask({ kind: 'container', read, write });
  }

  /**
   * Makes a fork server whose containers go on with the event loop; asked of {@link first}.
   *
   * @throws as {@link child}
   */
  forEventLoops(): ForkServer {
    const [requests, answers] = [zygotePipe(), zygotePipe()];
    const ends = { read: requests.read, write: answers.write };
    const pid = this.#ask({ kind: 'event-loop-server', ...ends });
    return new ForkServer({ reaper: this.#reaper }, { pid, requests, answers });
  }

  #ask(request: ForkRequest): number {
    sendForkRequest(this.#requests, request);
    let pid = this.#hear();
    if (pid === isWarm) pid = this.#hear();
    if (pid === undefined) throw new Error('Cannot fork: the fork server has ended');
    if (pid < 0) throw new Error(`Cannot fork: errno ${-pid}`);
    return pid;
  }

  #hear(): number | undefined {
    const answer = readForkAnswer(this.#answers);
    if (answer === undefined) this.#ended = true;
    if (answer === isWarm) this.#hasWarmedUp = true;
    return answer;
  }

  /** Ends the process that forks. */
  [Symbol.dispose](): void {
    closeSync(this.#requests);
    closeSync(this.#answers);
  }
}

function forkServer(
  { bodies, directory, title, libuvs }: ForkServerComponents,
  { requests, answers }: Pick<ForkServerInit, 'requests' | 'answers'>,
): number {
  const ends = { requests: requests.read, answers: answers.write, zygote: processId() };
  return fork(() => serveForks({ bodies, directory, title, libuvs, ...ends }));
}

import { GuestTrap } from '../abi/guest-trap.ts';
import type { Channel, CopyResult, ItemSource, ItemTarget, OnCopied } from './channel.ts';
import { eventCode, Waitable } from './waitable.ts';

/** Results of a copy, by the numbers of the canonical ABI. */
const resultCodes = { completed: 0, dropped: 1, cancelled: 2 } as const;

const eventCodes = {
  stream: { read: eventCode.streamRead, write: eventCode.streamWrite },
  future: { read: eventCode.futureRead, write: eventCode.futureWrite },
} as const;

/** How many items of a guest's buffer have been copied. */
interface Progress {
  readonly progress: number;
}

/** A guest's end of a stream or future. */
export class ChannelEnd extends Waitable {
  readonly channel: Channel<unknown>;
  readonly kind: 'stream' | 'future';
  readonly side: 'read' | 'write';
  #state: 'idle' | 'copying' | 'done' = 'idle';
  #handle = 0;
  #isCancelled = false;

  constructor(channel: Channel<unknown>, kind: 'stream' | 'future', side: 'read' | 'write') {
    super();
    this.channel = channel;
    this.kind = kind;
    this.side = side;
  }

  get state(): 'idle' | 'copying' | 'done' {
    return this.#state;
  }

  /** What guests read, only the host could write while they do nothing; and the other way round. */
  get mayHappen(): boolean {
    return this.#state === 'copying' && this.channel.isHosts;
  }

  givenHandle(handle: number): void {
    this.#handle = handle;
  }

  read(target: ItemTarget<unknown> & Progress): void {
    this.#begin();
    this.channel.read(target, (result) => this.#finish(result, target), this.#onCopied(target));
  }

  write(source: ItemSource<unknown> & Progress): void {
    this.#begin();
    this.channel.write(source, (result) => this.#finish(result, source), this.#onCopied(source));
  }

  /** Ends what was begun; what had been copied before stays so. */
  cancel(): void {
    if (this.#state !== 'copying') {
      throw new GuestTrap('Cannot cancel: nothing is being read or written');
    }
    this.#isCancelled = true;
    if (this.hasEvent) return;
    if (this.side === 'read') this.channel.cancelRead();
    else this.channel.cancelWrite();
  }

  override drop(): void {
    super.drop();
    if (this.side === 'read') this.channel.dropReader();
    else this.channel.dropWriter();
  }

  #begin(): void {
    if (this.#state !== 'idle') {
      throw new GuestTrap(`Cannot ${this.side}: the ${this.kind} is ${this.#state}`);
    }
    this.#state = 'copying';
    this.#isCancelled = false;
  }

  /** A future is over with its only item; of a stream's buffer more may be copied until it is told. */
  #onCopied(buffer: Progress): OnCopied | undefined {
    if (this.kind === 'future') return undefined;
    return (reclaim) => this.#finish('completed', buffer, reclaim);
  }

  #finish(outcome: CopyResult, buffer: Progress, reclaim?: () => void): void {
    this.setEvent(() => {
      reclaim?.();
      // Of a stream that was cancelled there could have been more.
      const isCut = this.#isCancelled && this.kind === 'stream' && outcome === 'completed';
      const result = isCut ? 'cancelled' : outcome;
      const isOver = result === 'dropped' || (this.kind === 'future' && result === 'completed');
      this.#state = isOver ? 'done' : 'idle';
      const progress = this.kind === 'stream' ? buffer.progress << 4 : 0;
      return [eventCodes[this.kind][this.side], this.#handle, resultCodes[result] | progress];
    });
  }
}

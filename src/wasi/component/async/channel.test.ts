import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { u8 } from '../abi/numbers.ts';
import { Channel, type CopyResult, type ItemSource, type ItemTarget } from './channel.ts';
import { futureOf } from './host-channel.ts';
import { takeItems, takeValue } from './host-reader.ts';

class Target implements ItemTarget<number> {
  readonly got: number[] = [];
  readonly #most: number;
  result: CopyResult | undefined;
  readonly done = (result: CopyResult) => {
    this.result = result;
  };

  constructor(most: number) {
    this.#most = most;
  }

  get remaining(): number {
    return this.#most - this.got.length;
  }

  put(items: ArrayLike<number>): void {
    this.got.push(...Array.from(items));
  }
}

class Source implements ItemSource<number> {
  readonly #items: number[];
  result: CopyResult | undefined;
  readonly done = (result: CopyResult) => {
    this.result = result;
  };

  constructor(items: readonly number[]) {
    this.#items = [...items];
  }

  get remaining(): number {
    return this.#items.length;
  }

  take(count: number): ArrayLike<number> {
    return this.#items.splice(0, count);
  }
}

function make(): Channel<number> {
  const channel = new Channel<number>();
  channel.codec = u8;
  return channel;
}

describe('Channel', () => {
  it('lets whoever comes first wait for the other', () => {
    for (const first of ['reader', 'writer']) {
      const channel = make();
      const [source, target] = [new Source([1, 2, 3]), new Target(2)];
      if (first === 'reader') channel.read(target, target.done);
      channel.write(source, source.done);
      if (first === 'writer') channel.read(target, target.done);
      assert.deepEqual([target.got, target.result], [[1, 2], 'completed'], first);
      assert.deepEqual([source.remaining, source.result], [1, 'completed'], first);
    }
  });

  it('tells each side when the other is gone', () => {
    const read = make();
    const target = new Target(1);
    read.read(target, target.done);
    read.dropWriter();
    assert.equal(target.result, 'dropped');
    const written = make();
    const source = new Source([1]);
    written.write(source, source.done);
    written.dropReader();
    assert.equal(source.result, 'dropped');
    const late = new Source([1]);
    written.write(late, late.done);
    assert.equal(late.result, 'dropped');
  });

  it('wakes who waits with no room when there is something to read', () => {
    const channel = make();
    const waiting = new Target(0);
    channel.read(waiting, waiting.done);
    const source = new Source([7]);
    channel.write(source, source.done);
    assert.deepEqual([waiting.result, source.result], ['completed', undefined]);
    const target = new Target(4);
    channel.read(target, target.done);
    assert.deepEqual([target.got, source.result], [[7], 'completed']);
  });

  it('goes on filling the room of a reader that has not been told yet', () => {
    const channel = make();
    const [first, second, target] = [new Source([1, 2]), new Source([3, 4]), new Target(3)];
    let reclaim: (() => void) | undefined;
    channel.read(target, target.done, (it) => {
      reclaim = it;
    });
    channel.write(first, first.done);
    channel.write(second, second.done);
    assert.deepEqual(target.got, [1, 2, 3]);
    assert.deepEqual([target.result, second.remaining], [undefined, 1]);
    reclaim?.();
    const third = new Source([5]);
    channel.write(third, third.done);
    assert.deepEqual([target.got.length, third.result], [3, undefined]);
  });

  it('lets a writer of nothing pass a reader of nothing', () => {
    const channel = make();
    const [nothing, room] = [new Source([]), new Target(0)];
    channel.read(Object.assign(room, { isEmpty: true }), room.done);
    channel.write(Object.assign(nothing, { isEmpty: true }), nothing.done);
    assert.deepEqual([nothing.result, room.result], ['completed', undefined]);
  });

  it('forgets a read that was cancelled', () => {
    const channel = make();
    const target = new Target(1);
    channel.read(target, target.done);
    channel.cancelRead();
    const source = new Source([1]);
    channel.write(source, source.done);
    assert.deepEqual([target.result, target.got, source.result], ['cancelled', [], undefined]);
    channel.cancelWrite();
    assert.equal(source.result, 'cancelled');
  });

  it('reads nothing from a writer whose memory is gone', async () => {
    const channel = make();
    const source = new Source([1]);
    channel.write(source, source.done);
    channel.dropWriter();
    assert.equal(await takeItems(channel, 8), undefined);
    assert.equal(source.remaining, 1);
  });

  it('asks a producer for as much as is read, and for no more', async () => {
    const asked: number[] = [];
    let left = 5;
    const channel = new Channel<number>({
      produce: (most) => {
        asked.push(most);
        const count = Math.min(most, left);
        left -= count;
        return count === 0 ? undefined : Array.from({ length: count }, () => 9);
      },
      cancel() {},
    });
    assert.equal((await takeItems(channel, 2))?.length, 2);
    assert.equal((await takeItems(channel, 8))?.length, 3);
    assert.equal(await takeItems(channel, 1), undefined);
    assert.deepEqual(asked, [2, 8, 1]);
  });

  it('keeps what was produced for a read that was cancelled', async () => {
    const produced = Promise.withResolvers<readonly number[]>();
    const channel = new Channel<number>({ produce: () => produced.promise, cancel() {} });
    const cancelled = new Target(3);
    channel.read(cancelled, cancelled.done);
    channel.cancelRead();
    produced.resolve([1, 2, 3]);
    await produced.promise;
    assert.deepEqual(Array.from((await takeItems(channel, 2)) ?? []), [1, 2]);
    assert.deepEqual(Array.from((await takeItems(channel, 2)) ?? []), [3]);
    assert.deepEqual(cancelled.got, []);
  });

  it('tells a producer that nobody reads any more', () => {
    let cancelled = 0;
    const channel = new Channel<number>({
      produce: () => new Promise(() => {}),
      cancel: () => {
        cancelled++;
      },
    });
    const target = new Target(1);
    channel.read(target, target.done);
    channel.dropReader();
    assert.deepEqual([target.result, cancelled], [undefined, 1]);
  });
});

describe('takeValue', () => {
  it('gives the value of a future, now or later', async () => {
    assert.equal(await takeValue(futureOf(1)), 1);
    assert.equal(await takeValue(futureOf(Promise.resolve(2))), 2);
  });

  it('rejects where the value does not come', async () => {
    const cause = new Error('Cannot produce a value');
    await assert.rejects(takeValue(futureOf(Promise.reject(cause))), cause);
  });

  it('gives nothing where the writer went away', async () => {
    const future = make();
    future.dropWriter();
    assert.equal(await takeValue(future), undefined);
  });
});

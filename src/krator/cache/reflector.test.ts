import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '../../../tests/support/manual-clock.ts';
import { ApiError } from '../../kubernetes/api/api-error.ts';
import type { KubernetesObject, ObjectList } from '../../kubernetes/api/object.ts';
import type { WatchEvent } from '../../kubernetes/api/watch-event.ts';
import type { ListWatch } from './list-watch.ts';
import { LocalListWatch } from './local-list-watch.ts';
import { Reflector } from './reflector.ts';
import { Store } from './store.ts';

const object = (name: string): KubernetesObject => ({ metadata: { name } });

/** Puts a source in the way that fails as told, and notes what it was asked for. */
class Unreliable implements ListWatch<KubernetesObject> {
  readonly asked: string[] = [];
  /** Thrown, one for each request, before anything works. */
  readonly failures: Error[] = [];
  readonly #source: ListWatch<KubernetesObject>;
  #breakOff = new AbortController();

  constructor(source: ListWatch<KubernetesObject>) {
    this.#source = source;
  }

  breakOff(): void {
    this.#breakOff.abort(new ApiError('Unreachable', 'broken off'));
    this.#breakOff = new AbortController();
  }

  async list(options: { signal?: AbortSignal } = {}): Promise<ObjectList<KubernetesObject>> {
    this.#ask('list');
    return this.#source.list(options);
  }

  async *watch(
    version: string,
    options: { signal?: AbortSignal } = {},
  ): AsyncGenerator<WatchEvent<KubernetesObject>> {
    this.#ask(`watch ${version}`);
    const signals = [options.signal, this.#breakOff.signal].filter((given) => given !== undefined);
    yield* this.#source.watch(version, { signal: AbortSignal.any(signals) });
  }

  #ask(what: string): void {
    this.asked.push(what);
    const failure = this.failures.shift();
    if (failure) throw failure;
  }
}

async function withReflector(
  test: (parts: {
    local: LocalListWatch<KubernetesObject>;
    source: Unreliable;
    store: Store<KubernetesObject>;
    clock: ManualClock;
    reflector: Reflector<KubernetesObject>;
    errors: unknown[];
    start: () => void;
  }) => Promise<void>,
): Promise<void> {
  const abort = new AbortController();
  const local = new LocalListWatch<KubernetesObject>({ history: 3 });
  const source = new Unreliable(local);
  const store = new Store<KubernetesObject>();
  const clock = new ManualClock();
  const errors: unknown[] = [];
  const backoff = { random: () => 0 };
  const reflector = new Reflector(
    { source, store, clock },
    { backoff, onError: (error) => errors.push(error) },
  );
  let running: Promise<void> | undefined;
  const start = (): void => {
    running = reflector.run({ signal: abort.signal });
  };
  try {
    await test({ local, source, store, clock, reflector, errors, start });
  } finally {
    abort.abort();
    await running;
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 25));

describe('Reflector', () => {
  it('lists, then follows what happens', () =>
    withReflector(async ({ local, source, store, reflector, start }) => {
      local.put(object('a'));
      start();
      await reflector.synced;
      local.put(object('b'));
      local.remove('a');
      await settled();
      assert.deepEqual(
        store.list().map((each) => each.metadata.name),
        ['b'],
      );
      assert.deepEqual(source.asked, ['list', 'watch 2']);
    }));

  it('goes on from the last version seen when a watch breaks off', () =>
    withReflector(async ({ local, source, store, clock, errors, start }) => {
      start();
      await settled();
      local.put(object('a'));
      await settled();
      source.breakOff();
      local.put(object('b'));
      await settled();
      await clock.advance(800);
      await settled();
      assert.equal(store.size, 2);
      assert.deepEqual(source.asked, ['list', 'watch 1', 'watch 2']);
      assert.equal(errors.length, 1);
    }));

  it('lists again at once where the version has been forgotten', () =>
    withReflector(async ({ local, source, store, clock, start }) => {
      local.put(object('a'));
      start();
      await settled();
      source.failures.push(new ApiError('Unreachable', 'gone for a while'));
      source.breakOff();
      for (const name of ['b', 'c', 'd', 'e']) local.put(object(name));
      local.remove('a');
      await settled();
      await clock.advance(800);
      await settled();
      await clock.advance(1600);
      await settled();
      assert.deepEqual(
        store.list().map((each) => each.metadata.name),
        ['b', 'c', 'd', 'e'],
      );
      assert.equal(source.asked.filter((what) => what === 'list').length, 2);
    }));

  it('waits longer with each failure, up to 30 s, and as long as the server asks', () =>
    withReflector(async ({ source, clock, reflector, start }) => {
      const refusal = new ApiError('TooManyRequests', 'later', { retryAfterSeconds: 45 });
      const outage = Array.from({ length: 7 }, () => new ApiError('Unreachable', 'no answer'));
      source.failures.push(...outage, refusal);
      start();
      for (let tries = 0; tries < 8; tries += 1) {
        await settled();
        await clock.advance(60_000);
      }
      await reflector.synced;
      assert.deepEqual(clock.sleeps, [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 45_000]);
    }));
});

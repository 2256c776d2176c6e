import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesObject } from '../../kubernetes/api/object.ts';
import { LocalListWatch } from '../cache/local-list-watch.ts';
import { Reflector } from '../cache/reflector.ts';
import { Store } from '../cache/store.ts';
import type { Manifest } from './manifest.ts';
import { type MachineDefinition, ObjectMachines } from './object-machines.ts';
import type { State, StateOptions } from './state.ts';

/** The example: lamps, which are lit, follow their colour, and are put out. */
interface Lamp extends KubernetesObject {
  readonly data: { readonly colour: string };
}

interface LampContext {
  readonly manifest: Manifest<Lamp>;
  readonly log: string[];
}

class Dark implements State<LampContext> {
  readonly name = 'Dark';

  async next({ manifest }: LampContext): Promise<Lit | Broken> {
    const { colour } = manifest.current.data;
    if (colour === 'explosive') throw new Error('bang');
    return colour === 'none' ? new Broken('no colour') : new Lit(colour);
  }
}

class Lit implements State<LampContext> {
  readonly name = 'Lit';
  readonly #colour: string;

  constructor(colour: string) {
    this.#colour = colour;
  }

  async next({ manifest, log }: LampContext, { signal }: StateOptions): Promise<Lit | Dark> {
    log.push(`shines ${this.#colour}`);
    const { data } = await manifest.changed({ signal });
    return data.colour === 'dark' ? new Dark() : new Lit(data.colour);
  }
}

class Broken implements State<LampContext> {
  readonly name = 'Broken';
  readonly #reason: string;

  constructor(reason: string) {
    this.#reason = reason;
  }

  async next({ log }: LampContext): Promise<undefined> {
    log.push(`broken: ${this.#reason}`);
  }
}

class PuttingOut implements State<LampContext> {
  readonly name = 'PuttingOut';

  async next({ manifest, log }: LampContext): Promise<undefined> {
    await sleep(2);
    log.push(manifest.isGone ? 'put out, gone' : 'put out');
  }
}

/** Edges that the graph does not have do not compile. */
class Cheat implements State<LampContext> {
  readonly name = 'Cheat';

  async next(): Promise<Lit | Dark> {
    // @ts-expect-error: 'Broken' is no state that may follow
    return new Broken('never');
  }
}

const lamp = (name: string, colour: string, uid = 'u1', deletionTimestamp?: string): Lamp => ({
  metadata: { name, uid, deletionTimestamp },
  data: { colour },
});

async function withLamps(
  test: (lamps: LocalListWatch<Lamp>, log: string[]) => Promise<void>,
): Promise<void> {
  const abort = new AbortController();
  const source = new LocalListWatch<Lamp>();
  const store = new Store<Lamp>();
  const log: string[] = [];
  const definition: MachineDefinition<Lamp, LampContext> = {
    createContext: (manifest) => ({ manifest, log }),
    initial: () => new Dark(),
    terminating: () => new PuttingOut(),
    onError: (error) => new Broken(error instanceof Error ? error.message : String(error)),
    onEnter: (state, { manifest }) => log.push(`${manifest.current.metadata.name}: ${state.name}`),
  };
  const running = [
    new Reflector({ source, store }).run(abort),
    new ObjectMachines({ store, definition }).run(abort),
  ];
  try {
    await test(source, log);
  } finally {
    abort.abort();
    await Promise.all(running);
  }
}

/** Waits until the log has so many lines. */
async function lines(log: readonly string[], count: number): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (log.length < count && Date.now() < deadline) await sleep(2);
}

describe('ObjectMachines', () => {
  it('runs one machine for each object and tells it what changes', () =>
    withLamps(async (lamps, log) => {
      lamps.put(lamp('a', 'red'));
      await lines(log, 3);
      lamps.put(lamp('a', 'green'));
      await lines(log, 5);
      assert.deepEqual(log, ['a: Dark', 'a: Lit', 'shines red', 'a: Lit', 'shines green']);
    }));

  it('interrupts any state when the object is deleted, and ends its life', () =>
    withLamps(async (lamps, log) => {
      lamps.put(lamp('a', 'red'));
      await lines(log, 3);
      log.length = 0;
      lamps.put(lamp('a', 'red', 'u1', '2026-01-31T12:00:00Z'));
      await lines(log, 2);
      lamps.remove('a');
      await sleep(10);
      assert.deepEqual(log, ['a: PuttingOut', 'put out']);
    }));

  it('ends the life of an object that is gone without notice', () =>
    withLamps(async (lamps, log) => {
      lamps.put(lamp('a', 'none'));
      await lines(log, 3);
      lamps.remove('a');
      await lines(log, 5);
      assert.deepEqual(log, [
        'a: Dark',
        'a: Broken',
        'broken: no colour',
        'a: PuttingOut',
        'put out, gone',
      ]);
    }));

  it('goes straight to the end for an object that came deleted', () =>
    withLamps(async (lamps, log) => {
      lamps.put(lamp('a', 'red', 'u1', '2026-01-31T12:00:00Z'));
      await lines(log, 2);
      assert.deepEqual(log, ['a: PuttingOut', 'put out']);
    }));

  it('lets the definition say what follows an error', () =>
    withLamps(async (lamps, log) => {
      lamps.put(lamp('a', 'explosive'));
      await lines(log, 3);
      assert.deepEqual(log, ['a: Dark', 'a: Broken', 'broken: bang']);
    }));

  it('starts an object of the same name only when the old one has ended', () =>
    withLamps(async (lamps, log) => {
      lamps.put(lamp('a', 'red'));
      await lines(log, 3);
      log.length = 0;
      lamps.put(lamp('a', 'blue', 'u2'));
      await lines(log, 5);
      assert.deepEqual(log, ['a: PuttingOut', 'put out, gone', 'a: Dark', 'a: Lit', 'shines blue']);
    }));

  it('leaves objects alone when it stops', async () => {
    let log: string[] = [];
    await withLamps(async (lamps, lampLog) => {
      log = lampLog;
      lamps.put(lamp('a', 'red'));
      await lines(log, 3);
    });
    assert.deepEqual(log, ['a: Dark', 'a: Lit', 'shines red']);
    assert.equal(new Cheat().name, 'Cheat');
  });
});

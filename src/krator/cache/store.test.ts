import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { KubernetesObject } from '../../kubernetes/api/object.ts';
import { Store } from './store.ts';

interface Thing extends KubernetesObject {
  readonly colour?: string;
}

const thing = (name: string, resourceVersion: string, colour = 'blue', uid = 'u1'): Thing => ({
  metadata: { name, namespace: 'default', uid, resourceVersion },
  colour,
});

function storeWithLog(): { store: Store<Thing, 'colour'>; log: string[] } {
  const store = new Store<Thing, 'colour'>({
    indexers: { colour: ({ colour }) => (colour === undefined ? [] : [colour]) },
  });
  const log: string[] = [];
  store.subscribe(({ kind, object: { metadata } }) => {
    log.push(`${kind} ${metadata.name}@${metadata.resourceVersion}`);
  });
  return { store, log };
}

describe('Store', () => {
  it('tells what was added, updated and removed', () => {
    const { store, log } = storeWithLog();
    store.put(thing('a', '1'));
    store.put(thing('a', '2'));
    store.remove('default/a', thing('a', '3'));
    store.remove('default/a');
    assert.deepEqual(log, ['added a@1', 'updated a@2', 'removed a@3']);
    assert.equal(store.size, 0);
  });

  it('takes the same version again, or an older one that comes late, for no change', () => {
    const { store, log } = storeWithLog();
    for (const version of ['9', '9', '8', '10', '9']) store.put(thing('a', version));
    assert.deepEqual(log, ['added a@9', 'updated a@10']);
  });

  it('takes an object with another uid for another object', () => {
    const { store, log } = storeWithLog();
    store.put(thing('a', '1'));
    store.put(thing('a', '5', 'blue', 'u2'));
    assert.deepEqual(log, ['added a@1', 'removed a@1', 'added a@5']);
  });

  it('replaces its content and tells only the difference', () => {
    const { store, log } = storeWithLog();
    for (const name of ['a', 'b', 'c']) store.put(thing(name, '1'));
    log.length = 0;
    store.replace([thing('b', '1'), thing('c', '2'), thing('d', '3')]);
    assert.deepEqual(log, ['removed a@1', 'updated c@2', 'added d@3']);
    assert.deepEqual(
      store.list().map(({ metadata }) => metadata.name),
      ['b', 'c', 'd'],
    );
  });

  it('adds the oldest of what it is given first', () => {
    const { store, log } = storeWithLog();
    const made = (name: string, creationTimestamp: string): Thing => ({
      metadata: { ...thing(name, '1').metadata, creationTimestamp },
    });
    store.replace([
      made('a', '2026-03-01T00:00:00Z'),
      made('b', '2026-01-31T00:00:00Z'),
      made('c', '2026-02-01T00:00:00Z'),
    ]);
    assert.deepEqual(log, ['added b@1', 'added c@1', 'added a@1']);
  });

  it('finds objects by index, as they are now', () => {
    const { store } = storeWithLog();
    store.put(thing('a', '1', 'blue'));
    store.put(thing('b', '2', 'red'));
    store.put(thing('a', '3', 'red'));
    assert.deepEqual(store.find('colour', 'blue'), []);
    assert.deepEqual(
      store
        .find('colour', 'red')
        .map(({ metadata }) => metadata.name)
        .sort(),
      ['a', 'b'],
    );
    store.remove('default/b');
    assert.equal(store.find('colour', 'red').length, 1);
  });

  it('tells nothing after a subscription has ended', () => {
    const store = new Store<Thing>();
    let told = 0;
    {
      using _subscription = store.subscribe(() => {
        told += 1;
      });
      store.put(thing('a', '1'));
    }
    store.put(thing('b', '1'));
    assert.equal(told, 1);
  });
});

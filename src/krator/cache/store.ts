import { type KubernetesObject, keyOf } from '../../kubernetes/api/object.ts';

/** What happened to one object in a store. */
export type StoreChange<T> =
  | { readonly kind: 'added'; readonly object: T }
  | { readonly kind: 'updated'; readonly object: T; readonly previous: T }
  | { readonly kind: 'removed'; readonly object: T };

/** Hears of every change, in order, right after it happened. Must not throw. */
export type StoreListener<T> = (change: StoreChange<T>) => void;

/** The values under which an object is found in an index. */
export type Indexer<T> = (object: T) => readonly string[];

/** All optional. */
export interface StoreInit<T, Index extends string> {
  /** Name of each index and how it is made. @default no index */
  readonly indexers?: Readonly<Record<Index, Indexer<T>>>;
}

/**
 * The objects of one kind as they were last seen, by key (`namespace/name`) and by the indexes
 * asked for. Filled by a `Reflector`; its objects are shared and not to be changed.
 */
export class Store<T extends KubernetesObject, Index extends string = never> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, { indexer: Indexer<T>; keys: Map<string, Set<string>> }>();
  readonly #listeners = new Set<StoreListener<T>>();

  constructor(init: StoreInit<T, Index> = {}) {
    for (const [name, indexer] of Object.entries<Indexer<T>>(init.indexers ?? {})) {
      this.#indexes.set(name, { indexer, keys: new Map() });
    }
  }

  /** How many objects there are. */
  get size(): number {
    return this.#objects.size;
  }

  /** The object with this key. */
  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  /** All objects, oldest first. */
  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  /** The objects that the index has under the value. */
  find(index: Index, value: string): readonly T[] {
    const keys = this.#indexes.get(index)?.keys.get(value) ?? [];
    return [...keys].flatMap((key) => this.#objects.get(key) ?? []);
  }

  /** Adds the object or takes it for the one with its key, unless that is the same or newer. */
  put(object: T): void {
    const key = keyOf(object);
    this.#removeNamesake(key, object);
    const previous = this.#objects.get(key);
    if (previous && !isNewer(object, previous)) return;
    if (previous) this.#unindex(key, previous);
    this.#objects.set(key, object);
    this.#index(key, object);
    this.#tell(previous ? { kind: 'updated', object, previous } : { kind: 'added', object });
  }

  /** Removes the object with this key; `last` is its last state where that is newer. */
  remove(key: string, last?: T): void {
    const previous = this.#objects.get(key);
    if (!previous) return;
    this.#unindex(key, previous);
    this.#objects.delete(key);
    this.#tell({ kind: 'removed', object: last ?? previous });
  }

  /** Makes these the objects there are: removes the others, adds and updates, oldest first. */
  replace(objects: readonly T[]): void {
    const keys = new Set(objects.map(keyOf));
    for (const key of [...this.#objects.keys()]) if (!keys.has(key)) this.remove(key);
    for (const object of objects.toSorted(byAge)) this.put(object);
  }

  /** Hears of every change until disposed. What is there already is not told. */
  subscribe(listener: StoreListener<T>): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /** An object that was deleted and created anew under its name is another object. */
  #removeNamesake(key: string, { metadata }: T): void {
    const previous = this.#objects.get(key);
    if (previous && previous.metadata.uid !== metadata.uid) this.remove(key);
  }

  #tell(change: StoreChange<T>): void {
    for (const listener of [...this.#listeners]) listener(change);
  }

  #index(key: string, object: T): void {
    for (const { indexer, keys } of this.#indexes.values()) {
      for (const value of indexer(object)) {
        const found = keys.get(value);
        if (found) found.add(key);
        else keys.set(value, new Set([key]));
      }
    }
  }

  #unindex(key: string, object: T): void {
    for (const { indexer, keys } of this.#indexes.values()) {
      for (const value of indexer(object)) {
        const found = keys.get(value);
        found?.delete(key);
        if (found?.size === 0) keys.delete(value);
      }
    }
  }
}

/** Objects whose source does not date them come first. */
function byAge({ metadata: one }: KubernetesObject, { metadata: other }: KubernetesObject): number {
  const [date = '', otherDate = ''] = [one.creationTimestamp, other.creationTimestamp];
  return date < otherDate ? -1 : Number(date > otherDate);
}

/** Whether the version is newer, or cannot be compared. */
function isNewer(
  { metadata: one }: KubernetesObject,
  { metadata: other }: KubernetesObject,
): boolean {
  const [version, earlier] = [one.resourceVersion, other.resourceVersion];
  return !isNumber(version) || !isNumber(earlier) || BigInt(version) > BigInt(earlier);
}

/** API servers count versions of a kind: https://kep.k8s.io/5504 */
function isNumber(version: string | undefined): version is string {
  return version !== undefined && /^\d+$/.test(version);
}

import { type KubernetesObject, keyOf } from '../../kubernetes/api/object.ts';
import { untilAborted } from '../../kubernetes/until-aborted.ts';
import type { Store, StoreChange } from '../cache/store.ts';
import { Manifest } from './manifest.ts';
import { runStates } from './run-states.ts';
import type { State } from './state.ts';

/** The life of one kind of object, as a graph of states. */
export interface MachineDefinition<T extends KubernetesObject, Context> {
  /** Makes what the states of one object share. Called once per object, by `uid`. */
  createContext(manifest: Manifest<T>): Context;

  /** The state an object starts in; looks at the object where one may be half through its life. */
  initial(context: Context): State<Context>;

  /**
   * The state that ends an object's life. Entered from anywhere, the end included, when the object
   * is to be deleted or is gone from its source.
   */
  terminating(context: Context): State<Context>;

  /** Says which state follows one that threw; `undefined` ends the life until deletion. */
  onError(error: unknown, state: State<Context>, context: Context): State<Context> | undefined;

  /** Hears of every state that is entered. */
  onEnter?(state: State<Context>, context: Context): void;
}

/** What `ObjectMachines` needs. */
export interface ObjectMachinesComponents<T extends KubernetesObject, Context> {
  readonly store: Store<T, string>;
  readonly definition: MachineDefinition<T, Context>;
}

/**
 * Runs one state machine for every object of a store. An object that changes is told to its
 * machine as a new version of the manifest; one that is deleted interrupts the state it is in and
 * goes on to its termination. Objects of one key live one after the other.
 */
export class ObjectMachines<T extends KubernetesObject, Context> {
  readonly #store: Store<T, string>;
  readonly #definition: MachineDefinition<T, Context>;
  readonly #machines = new Map<string, Machine<T, Context>>();
  readonly #lives = new Map<string, Promise<void>>();
  readonly #failed = Promise.withResolvers<never>();

  constructor({ store, definition }: ObjectMachinesComponents<T, Context>) {
    this.#store = store;
    this.#definition = definition;
  }

  /**
   * Runs until the signal aborts, and resolves when the last state has ended. Objects are not
   * terminated then: who runs again later finds them. Rejects where a definition throws.
   */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    using _subscription = this.#store.subscribe((change) => this.#apply(change, signal));
    for (const object of this.#store.list()) this.#start(object, signal);
    await Promise.race([untilAborted(signal), this.#failed.promise]);
    await Promise.all(this.#lives.values());
  }

  /** The context of the object with this key, while it lives. */
  context(key: string): Context | undefined {
    return this.#machines.get(key)?.context;
  }

  #apply(change: StoreChange<T>, signal: AbortSignal): void {
    const key = keyOf(change.object);
    switch (change.kind) {
      case 'added':
        this.#start(change.object, signal);
        break;
      case 'updated':
        this.#machines.get(key)?.update(change.object);
        break;
      case 'removed':
        this.#machines.get(key)?.remove(change.object);
        this.#machines.delete(key);
        break;
      default:
        change satisfies never;
    }
  }

  #start(object: T, signal: AbortSignal): void {
    const key = keyOf(object);
    const machine = new Machine(object, this.#definition);
    this.#machines.set(key, machine);
    const life = (this.#lives.get(key) ?? Promise.resolve())
      .then(() => machine.run(signal))
      .catch(this.#failed.reject)
      .finally(() => {
        if (this.#lives.get(key) === life) this.#lives.delete(key);
      });
    this.#lives.set(key, life);
  }
}

/** The life of one object. */
class Machine<T extends KubernetesObject, Context> {
  readonly context: Context;
  readonly #definition: MachineDefinition<T, Context>;
  readonly #manifest: Manifest<T>;
  readonly #deleted = new AbortController();

  constructor(object: T, definition: MachineDefinition<T, Context>) {
    this.#definition = definition;
    this.#manifest = new Manifest(object);
    this.context = definition.createContext(this.#manifest);
    if (object.metadata.deletionTimestamp !== undefined) this.#deleted.abort();
  }

  update(object: T): void {
    this.#manifest.update(object);
    if (object.metadata.deletionTimestamp !== undefined) this.#deleted.abort();
  }

  remove(last: T): void {
    this.#manifest.remove(last);
    this.#deleted.abort();
  }

  async run(signal: AbortSignal): Promise<void> {
    if (!this.#deleted.signal.aborted) {
      await this.#runFrom(
        this.#definition.initial(this.context),
        AbortSignal.any([signal, this.#deleted.signal]),
      );
    }
    await untilAborted(AbortSignal.any([signal, this.#deleted.signal]));
    await this.#runFrom(this.#definition.terminating(this.context), signal);
  }

  async #runFrom(state: State<Context>, signal: AbortSignal): Promise<void> {
    await runStates(state, this.context, {
      signal,
      onEnter: (entered) => this.#definition.onEnter?.(entered, this.context),
      onError: (error, thrower) => this.#definition.onError(error, thrower, this.context),
    });
  }
}

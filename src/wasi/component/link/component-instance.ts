import { ComponentMemory } from '../abi/component-memory.ts';
import { Guest, type Realloc } from '../abi/guest.ts';
import { GuestResource } from '../abi/guest-resource.ts';
import { HandleTable } from '../abi/handle-table.ts';
import type { CoreFunction } from '../abi/host-function.ts';
import { builtInNamed } from '../async/built-ins.ts';
import type { Task } from '../async/task.ts';
import { Cancellation } from '../io/cancellation.ts';
import { dirtyMapExport, dirtyMapImport } from '../rewrite/rewriter.ts';
import type { World } from '../world.ts';
import type { CoreItem, GuestResourceSource, PlannedExport } from './link-plan.ts';
import type { LinkedImport, LinkedInstance, Program } from './program.ts';

/** Whether functions that wait suspend the guest (JSPI) or block the thread. */
export type WaitingMode = 'suspend' | 'block';

/** An exported function as the canonical ABI makes it of core functions. */
export interface LiftedFunction {
  readonly core: CoreFunction;
  readonly guest: Guest;
  readonly postReturn: ((...values: unknown[]) => Promise<unknown>) | undefined;
  readonly abi:
    | { readonly kind: 'sync' | 'stackful' }
    | { readonly kind: 'callback'; readonly callback: CoreFunction };
}

/**
 * A component that is running: its core instances, and what they hold. One call at a time: V8 would
 * let a second one in while the first is suspended, on the same stack in the guest's memory.
 */
export class ComponentInstance {
  readonly handles = new HandleTable();
  readonly #program: Program;
  readonly #guests: readonly Guest[];
  readonly #instances: WebAssembly.Instance[] = [];
  readonly #mode: WaitingMode;
  #cancellation = new Cancellation();

  constructor(program: Program, world: World, mode: WaitingMode) {
    this.#program = program;
    this.#mode = mode;
    this.#guests = program.plan.scopes.map(
      (scope) => new Guest({ handles: this.handles, world }, scope),
    );
    this.#renewCancellation();
    for (const linked of program.instances) this.#instantiate(linked);
    this.#bindGuests();
  }

  get coreInstances(): readonly WebAssembly.Instance[] {
    return this.#instances;
  }

  /** Bytes of all linear memories that core instances export. */
  get memoryBytes(): number {
    const memories = this.#instances.flatMap(({ exports }) =>
      Object.values(exports).filter((item) => item instanceof WebAssembly.Memory),
    );
    return [...new Set(memories)].reduce((sum, { buffer }) => sum + buffer.byteLength, 0);
  }

  /** Whether the component exports an interface. */
  exports(interfaceName: string): boolean {
    return this.#program.plan.exports.some((item) => item.interface === interfaceName);
  }

  /** The core function behind an exported function of the component. */
  exported(interfaceName: string, name: string): CoreFunction {
    return this.#function(this.#planned(interfaceName, name).core);
  }

  /** An exported function together with all that calling it takes. */
  lifted(interfaceName: string, name: string): LiftedFunction {
    const { abi, core, postReturn, scope } = this.#planned(interfaceName, name);
    return {
      core: this.#function(core),
      guest: this.#guest(scope),
      postReturn: postReturn && WebAssembly.promising(this.#function(postReturn)),
      abi:
        abi.kind === 'callback'
          ? { kind: abi.kind, callback: this.#function(abi.callback) }
          : { kind: abi.kind },
    };
  }

  /** From now on the guest is in this task. */
  enter(task: Task): void {
    for (const guest of this.#guests) {
      guest.task = task;
      guest.backpressure = 0;
    }
  }

  /** Makes the guest's pending or next wait throw `reason`. */
  cancel(reason: unknown): void {
    this.#cancellation.cancel(reason);
  }

  get isCancelled(): boolean {
    return this.#cancellation.isCancelled;
  }

  /** Drops every handle and forgets that a call was cancelled. */
  endCall(): void {
    this.handles.clear();
    if (this.#cancellation.wasAsked) this.#renewCancellation();
  }

  #planned(interfaceName: string, name: string): PlannedExport {
    const found = this.#program.plan.exports.find(
      (item) => item.interface === interfaceName && item.function === name,
    );
    if (found !== undefined) return found;
    throw new RangeError(`Cannot call '${interfaceName}#${name}': not exported`);
  }

  #renewCancellation(): void {
    this.#cancellation = new Cancellation();
    for (const guest of this.#guests) guest.cancellation = this.#cancellation;
  }

  #instantiate(linked: LinkedInstance): void {
    const imports: WebAssembly.Imports = {};
    for (const { module, name, source } of linked.imports) {
      imports[module] ??= {};
      imports[module][name] = this.#import(source);
    }
    if (linked.dirtyMapOwner !== undefined) {
      const dirtyMap = this.#item({ instance: linked.dirtyMapOwner, name: dirtyMapExport });
      imports[dirtyMapImport.module] = { [dirtyMapImport.name]: dirtyMap };
    }
    this.#instances.push(new WebAssembly.Instance(linked.module, imports));
  }

  #import(source: LinkedImport): WebAssembly.ImportValue {
    switch (source.kind) {
      case 'core':
        return this.#item(source);
      case 'drop':
        return (handle: number) => this.handles.drop(handle, source.resource);
      case 'function': {
        const bound = source.function.bind(this.#guest(source.scope));
        return this.#mayWait(bound, source.function.suspends);
      }
      case 'guest-resource':
        return this.#resourceFunction(source);
      case 'built-in': {
        const builtIn = builtInNamed(source.name);
        const bound = builtIn.bind(this.#guest(source.scope), source);
        return this.#mayWait(bound, builtIn.suspends(source));
      }
      default:
        return source satisfies never;
    }
  }

  #resourceFunction({ operation, type, destructor }: GuestResourceSource) {
    const { handles } = this;
    const destroy = destructor && ((value: number) => this.#function(destructor)(value));
    switch (operation) {
      case 'new':
        return (value: number) => handles.add(new GuestResource(type, value, destroy));
      case 'rep':
        return (handle: number) =>
          handles.borrow(handle, GuestResource).expect(type).representation;
      case 'drop':
        return (handle: number) => {
          handles.borrow(handle, GuestResource).expect(type);
          handles.take(handle, GuestResource).destroy();
        };
      default:
        return operation satisfies never;
    }
  }

  #mayWait(bound: CoreFunction, suspends: boolean): WebAssembly.ImportValue {
    return suspends && this.#mode === 'suspend' ? suspending(bound) : bound;
  }

  #guest(scope: number): Guest {
    const guest = this.#guests[scope];
    if (guest === undefined) throw new RangeError(`Cannot link scope ${scope}`);
    return guest;
  }

  #item(item: { instance: number; name: string }): WebAssembly.ExportValue {
    const value = this.#instances[item.instance]?.exports[item.name];
    if (value === undefined) throw new RangeError(`Cannot link '${item.name}': it is not exported`);
    return value;
  }

  #function(item: CoreItem): CoreFunction {
    const value = this.#item(item);
    if (typeof value !== 'function') throw new TypeError(`Cannot call '${item.name}'`);
    return value as CoreFunction;
  }

  #bindGuests(): void {
    const memories = new Map<WebAssembly.Memory, ComponentMemory>();
    for (const [index, scope] of this.#program.plan.scopes.entries()) {
      const memory = scope.memory && this.#componentMemory(scope.memory, memories);
      // Its type is cabi_realloc's: the component was valid when its image was pulled.
      const realloc = scope.realloc && (this.#function(scope.realloc) as unknown as Realloc);
      this.#guest(index).bind(memory, realloc);
    }
  }

  #componentMemory(
    item: CoreItem,
    known: Map<WebAssembly.Memory, ComponentMemory>,
  ): ComponentMemory {
    const memory = asMemory(this.#item(item));
    const dirty = this.#instances[item.instance]?.exports[dirtyMapExport];
    const made = known.get(memory) ?? new ComponentMemory(memory, dirty && asMemory(dirty));
    known.set(memory, made);
    return made;
  }
}

function asMemory(value: unknown): WebAssembly.Memory {
  if (value instanceof WebAssembly.Memory) return value;
  throw new TypeError('Cannot use an export as memory: it is none');
}

/** JSPI's wrapper may stand wherever a function may be imported, which the DOM types do not know. */
function suspending(bound: CoreFunction): WebAssembly.ImportValue {
  return new WebAssembly.Suspending(bound) as unknown as WebAssembly.ImportValue;
}

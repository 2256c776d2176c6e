import type { Guest } from '../abi/guest.ts';
import { GuestResource } from '../abi/guest-resource.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import type { CoreFunction } from '../abi/host-function.ts';
import type { Part } from '../abi/part.ts';
import { builtInNamed } from '../async/built-ins.ts';
import { ComposedFunction } from '../compose/composed-function.ts';
import { resourceDrop } from '../compose/resource-drop.ts';
import type { Running } from '../compose/running.ts';
import { WaitingFunction } from '../compose/waiting-function.ts';
import type { CoreItems } from './core-items.ts';
import type { GuestResourceSource } from './link-plan.ts';
import type { Members } from './members.ts';
import type { LinkedComposed, LinkedImport } from './program.ts';

/** Whether functions that wait suspend the guest (JSPI) or block the thread. */
export type WaitingMode = 'suspend' | 'block';

interface InstanceImportsComponents {
  readonly items: CoreItems;
  readonly members: Members;
  readonly running: Running;
}

/** Makes what the core modules of one running program import. */
export class InstanceImports {
  readonly #items: CoreItems;
  readonly #members: Members;
  readonly #running: Running;
  readonly #mode: WaitingMode;

  constructor(components: InstanceImportsComponents, mode: WaitingMode) {
    this.#items = components.items;
    this.#members = components.members;
    this.#running = components.running;
    this.#mode = mode;
  }

  make(source: LinkedImport): WebAssembly.ImportValue {
    switch (source.kind) {
      case 'core':
        return this.#items.item(source);
      case 'drop': {
        const part = this.#members.part(source.part);
        const { handles } = part;
        return this.#leaving(part, (handle) => handles.drop(Number(handle), source.resource));
      }
      case 'function': {
        const guest = this.#members.guest(source.scope);
        return this.#mayWait(guest, source.function.bind(guest), source.function.suspends);
      }
      case 'guest-resource':
        return this.#resourceFunction(source);
      case 'built-in': {
        const builtIn = builtInNamed(source.name);
        const guest = this.#members.guest(source.scope);
        const bound = builtIn.bind(guest, source);
        return builtIn.isOwn ? bound : this.#mayWait(guest, bound, builtIn.suspends(source));
      }
      case 'composed':
        return this.#composed(source);
      case 'trap':
        return () => {
          throw new GuestTrap(source.reason);
        };
      default:
        return source satisfies never;
    }
  }

  #resourceFunction(source: GuestResourceSource): WebAssembly.ImportValue {
    const { operation, type, part: index = 0 } = source;
    const part = this.#members.part(index);
    const { handles } = part;
    switch (operation) {
      case 'new':
        return this.#leaving(part, (value) => handles.add(new GuestResource(type, Number(value))));
      case 'rep':
        return (handle: number) =>
          handles.borrow(handle, GuestResource).expect(type).representation;
      case 'drop':
        return this.#resourceDrop(source, part);
      default:
        return operation satisfies never;
    }
  }

  #resourceDrop(
    { destructor, destructorPart, type }: GuestResourceSource,
    part: Part,
  ): WebAssembly.ImportValue {
    const { handles } = part;
    const take = (handle: number): number | undefined => {
      part.leave();
      const { representation } = handles.borrow(handle, GuestResource).expect(type);
      if (handles.giveBack(handle, GuestResource)) return undefined;
      handles.take(handle, GuestResource);
      return representation;
    };
    if (destructor === undefined) return (handle: number) => void take(handle);
    return resourceDrop({
      take,
      destroy: this.#items.function(destructor),
      interrupted: destructorPart === undefined ? undefined : this.#members.part(destructorPart),
      running: this.#running,
    });
  }

  #composed(linked: LinkedComposed): WebAssembly.ImportValue {
    const { source } = linked;
    if (!source.waits) return this.#composedFunction(linked);
    const composed = this.#waitingFunction(linked);
    if (source.async) return composed.begin;
    return this.#mayWait(this.#members.guest(source.scope), composed.wait, true);
  }

  #composedFunction({ source, signature, trampoline }: LinkedComposed): WebAssembly.ImportValue {
    const { core, postReturn, scope } = source.callee;
    const { call } = new ComposedFunction({
      signature,
      caller: this.#members.guest(source.scope),
      callee: this.#members.guest(scope),
      core: this.#items.item(core),
      trampoline,
      postReturn: postReturn && this.#items.function(postReturn),
      running: this.#running,
    });
    return call;
  }

  #waitingFunction({
    source,
    signature,
    trampoline,
    callbackTrampoline,
  }: LinkedComposed): WaitingFunction {
    const { abi, core, postReturn, scope } = source.callee;
    return new WaitingFunction({
      signature,
      caller: this.#members.guest(source.scope),
      callee: this.#members.guest(scope),
      lifted: {
        kind: abi.kind,
        core: this.#items.item(core),
        trampoline,
        callback: abi.kind === 'callback' ? this.#items.item(abi.callback) : undefined,
        callbackTrampoline,
        postReturn: postReturn && this.#items.function(postReturn),
      },
      running: this.#running,
    });
  }

  #mayWait(guest: Guest, bound: CoreFunction, suspends: boolean): WebAssembly.ImportValue {
    const { part } = guest;
    const leaving = this.#leaving(part, bound);
    if (!suspends || this.#mode !== 'suspend') return leaving;
    return suspending(part.isAlone ? leaving : uninterrupted(part, leaving));
  }

  /** Only where there are callers among the components is there a time when one may not leave. */
  #leaving<F extends (...values: never[]) => unknown>(part: Part, bound: F): F {
    if (part.isAlone) return bound;
    const checked = (...values: Parameters<F>) => {
      part.leave();
      return bound(...values);
    };
    return checked as F; // it takes and returns what `bound` does
  }
}

/** Resumes the guest only when nothing is on top of it. */
function uninterrupted(part: Part, bound: CoreFunction): CoreFunction {
  return (...values) => {
    const outcome = bound(...values);
    return outcome instanceof Promise ? part.afterInterruptions(outcome) : outcome;
  };
}

/** JSPI's wrapper may stand wherever a function may be imported, which the DOM types do not know. */
function suspending(bound: CoreFunction): WebAssembly.ImportValue {
  return new WebAssembly.Suspending(bound) as unknown as WebAssembly.ImportValue;
}

import { GuestTrap } from './guest-trap.ts';
import type { Resource, ResourceClass } from './resource.ts';

/** Handles beyond this number are a leak, not a program. */
const maximumHandles = 1 << 20;

/**
 * The handles of one instance. A handle is an index into this table; a guest can forge the number
 * but only ever names what its own request was given, and every use is checked for the type.
 */
export class HandleTable {
  /** Handle 0 is never given out. */
  readonly #slots: (Resource | undefined)[] = [undefined];
  readonly #free: number[] = [];

  /** Whether no handle is in use. */
  get isEmpty(): boolean {
    return this.#slots.length - 1 === this.#free.length;
  }

  /** Gives a resource to the guest, which owns it from now on. */
  add(resource: Resource): number {
    resource.attach();
    const free = this.#free.pop();
    if (free !== undefined) {
      this.#slots[free] = resource;
      return free;
    }
    if (this.#slots.length >= maximumHandles) {
      throw new GuestTrap(`Cannot add a handle: ${maximumHandles} are in use`);
    }
    return this.#slots.push(resource) - 1;
  }

  /** The resource the guest lends for the length of a call. */
  borrow<T extends Resource>(handle: number, type: ResourceClass<T>): T {
    const resource = this.#slots[handle >>> 0];
    if (resource instanceof type) return resource;
    throw new GuestTrap(`Cannot use handle ${handle >>> 0}: it is no ${type.name}`);
  }

  /** The resource whose ownership the guest passes on; the handle is invalid afterwards. */
  take<T extends Resource>(handle: number, type: ResourceClass<T>): T {
    const resource = this.borrow(handle, type);
    if (resource.hasChildren) {
      throw new GuestTrap(`Cannot give up handle ${handle >>> 0}: children of it are in use`);
    }
    resource.detach();
    this.#slots[handle >>> 0] = undefined;
    this.#free.push(handle >>> 0);
    return resource;
  }

  drop(handle: number, type: ResourceClass<Resource>): void {
    this.take(handle, type).drop();
  }

  /** Drops all that is left, youngest first, so that children go before their parents. */
  clear(): void {
    for (let handle = this.#slots.length - 1; handle > 0; handle--) {
      const resource = this.#slots[handle];
      if (resource === undefined) continue;
      resource.detach();
      resource.drop();
    }
    this.#slots.length = 1;
    this.#free.length = 0;
  }
}

import { ComponentMemory } from '../abi/component-memory.ts';
import type { CoreFunction } from '../abi/host-function.ts';
import { dirtyMapExport, ownMemoryExport } from '../rewrite/rewriter.ts';

/** An export of the core instance with that number. */
type Place = { readonly instance: number; readonly name: string };

/** What the core instances of a program export, as far as they have been made. */
export class CoreItems {
  readonly instances: WebAssembly.Instance[] = [];
  readonly #isResettable: boolean;
  readonly #memories = new Map<WebAssembly.Memory, ComponentMemory>();

  /** @param init `resettable` where what is written to memories has to be noted */
  constructor({ resettable }: { readonly resettable: boolean }) {
    this.#isResettable = resettable;
  }

  item({ instance, name }: Place): WebAssembly.ExportValue {
    const value = this.instances[instance]?.exports[name];
    if (value === undefined) throw new RangeError(`Cannot link '${name}': it is not exported`);
    return value;
  }

  function(place: Place): CoreFunction {
    const value = this.item(place);
    if (typeof value !== 'function') throw new TypeError(`Cannot call '${place.name}'`);
    return value as CoreFunction;
  }

  /** A memory, together with the map of what was written to it, where there is one. */
  memory(place: Place): ComponentMemory {
    const memory = asMemory(this.item(place));
    const known = this.#memories.get(memory);
    if (known !== undefined) return known;
    const map = this.#isResettable ? this.dirtyMap(memory) : undefined;
    const made = new ComponentMemory(memory, map);
    this.#memories.set(memory, made);
    return made;
  }

  /** The map of what was written to a memory, of whoever made it: others may export it again. */
  dirtyMap(memory: WebAssembly.ExportValue | undefined): WebAssembly.Memory {
    const owner = this.instances.find(({ exports }) => exports[ownMemoryExport] === memory);
    if (owner === undefined) throw new RangeError('Cannot link a memory: nobody has made it');
    return asMemory(owner.exports[dirtyMapExport]);
  }
}

function asMemory(value: WebAssembly.ExportValue | undefined): WebAssembly.Memory {
  if (value instanceof WebAssembly.Memory) return value;
  throw new TypeError('Cannot use an export as memory: it is none');
}

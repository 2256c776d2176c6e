import { ComponentMemory } from '../abi/component-memory.ts';
import type { CoreFunction } from '../abi/host-function.ts';
import { dirtyMapExport } from '../rewrite/rewriter.ts';

/** An export of the core instance with that number. */
type Place = { readonly instance: number; readonly name: string };

/** What the core instances of a program export, as far as they have been made. */
export class CoreItems {
  readonly instances: WebAssembly.Instance[] = [];
  readonly #memories = new Map<WebAssembly.Memory, ComponentMemory>();

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
    const dirty = this.instances[place.instance]?.exports[dirtyMapExport];
    const made =
      this.#memories.get(memory) ?? new ComponentMemory(memory, dirty && asMemory(dirty));
    this.#memories.set(memory, made);
    return made;
  }
}

function asMemory(value: unknown): WebAssembly.Memory {
  if (value instanceof WebAssembly.Memory) return value;
  throw new TypeError('Cannot use an export as memory: it is none');
}

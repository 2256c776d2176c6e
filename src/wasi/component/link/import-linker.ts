import type { HostFunction, HostInterface } from '../abi/host-function.ts';
import { Resource, type ResourceClass } from '../abi/resource.ts';
import { type CoreSignature, Signature } from '../compose/signature.ts';
import { trampoline } from '../compose/trampoline.ts';
import type { ValueType } from '../compose/value-type.ts';
import { valueTypes } from '../compose/value-types.ts';
import type { ComposedSource, CoreSource, HostFunctionSource, PlannedType } from './link-plan.ts';
import { MissingImports } from './missing-imports.ts';
import type { LinkedComposed, LinkedImport } from './program.ts';

/** A host function with the one of its ABIs that the guest calls. */
export type CallableFunction = Pick<HostFunction, 'bind' | 'suspends'>;

/** Finds what the imports of core modules mean among the host's interfaces; once for all instances. */
export class ImportLinker {
  readonly #catalogue: ReadonlyMap<string, HostInterface>;
  readonly #missing = new Set<string>();
  readonly #types: readonly ValueType[];
  readonly #trampolines = new Map<string, WebAssembly.Module>();

  constructor(interfaces: readonly HostInterface[], types: readonly PlannedType[]) {
    this.#catalogue = new Map(interfaces.map((item) => [item.name, item]));
    this.#types = valueTypes(types, (interfaceName, name) => {
      const found = this.#findResource(interfaceName, name);
      if (found === undefined) this.#missing.add(`${interfaceName}#${name}`);
      return found ?? Resource;
    });
  }

  /** @returns undefined for what nobody provides */
  link(source: CoreSource): LinkedImport | undefined {
    switch (source.kind) {
      case 'core':
      case 'built-in':
      case 'guest-resource':
      case 'trap':
        return source;
      case 'composed':
        return this.#composed(source);
      case 'host': {
        const { interface: name } = source;
        const found = callable(this.#catalogue.get(name)?.functions[source.function], source);
        if (found !== undefined) return { kind: 'function', function: found, scope: source.scope };
        this.#missing.add(`${name}#${source.function}`);
        return undefined;
      }
      case 'drop': {
        const { interface: name, part = 0 } = source;
        const resource = this.#findResource(name, source.resource);
        if (resource !== undefined) return { kind: 'drop', resource, part };
        this.#missing.add(`${name}#[resource-drop]${source.resource}`);
        return undefined;
      }
      default:
        return source satisfies never;
    }
  }

  /** @throws {MissingImports} naming all that were not there */
  checkComplete(): void {
    if (this.#missing.size > 0) throw new MissingImports([...this.#missing].sort());
  }

  #composed(source: ComposedSource): LinkedComposed {
    const { parameters, result } = source;
    const signature = new Signature(
      parameters.map((index) => this.#type(index)),
      result === undefined ? undefined : this.#type(result),
    );
    const lifted = signature.lifted(source.callee.abi.kind);
    return {
      kind: 'composed',
      source,
      signature,
      trampoline: this.#trampoline(source.waits ? nothing : signature.lowered, lifted),
      callbackTrampoline: this.#trampoline(nothing, callback),
    };
  }

  #type(index: number): ValueType {
    const type = this.#types[index];
    if (type === undefined) throw new RangeError(`Cannot link type ${index}`);
    return type;
  }

  /** Functions of the same core types have one in common. */
  #trampoline(lowered: CoreSignature, lifted: CoreSignature): WebAssembly.Module {
    const key = JSON.stringify([lowered, lifted]);
    const made = this.#trampolines.get(key) ?? trampoline(lowered, lifted);
    this.#trampolines.set(key, made);
    return made;
  }

  /** An interface that only uses a resource of another may be the one it is dropped through. */
  #findResource(name: string, resource: string): ResourceClass<Resource> | undefined {
    const own = this.#catalogue.get(name)?.resources?.[resource];
    if (own !== undefined) return own;
    for (const candidate of this.#catalogue.values()) {
      const found = candidate.resources?.[resource];
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

const nothing: CoreSignature = { parameters: [], results: [] };
const callback: CoreSignature = { parameters: ['i32', 'i32', 'i32'], results: ['i32'] };

function callable(
  found: HostFunction | undefined,
  { async = false }: HostFunctionSource,
): CallableFunction | undefined {
  if (!async) return found;
  return found?.bindAsync && { suspends: false, bind: found.bindAsync };
}

import type { HostFunction, HostInterface } from '../abi/host-function.ts';
import type { Resource, ResourceClass } from '../abi/resource.ts';
import { dirtyMapImport } from '../rewrite/rewriter.ts';
import type {
  BuiltInSource,
  CoreSource,
  GuestResourceSource,
  HostFunctionSource,
  LinkPlan,
} from './link-plan.ts';

/** Thrown where a component imports functions that the host does not have. */
export class MissingImports extends Error {
  override readonly name = 'MissingImports';
  readonly code = 'MissingImports';
  /** `interface#function` of each. */
  readonly imports: readonly string[];

  constructor(imports: readonly string[]) {
    super(
      `Cannot start the component: nobody provides ${imports.map((it) => `'${it}'`).join(', ')}`,
    );
    this.imports = imports;
  }
}

/** A host function with the one of its ABIs that the guest calls. */
type CallableFunction = Pick<HostFunction, 'bind' | 'suspends'>;

/** What stands behind an import of a core module, looked up once for all instances. */
export type LinkedImport =
  | { readonly kind: 'function'; readonly function: CallableFunction; readonly scope: number }
  | BuiltInSource
  | GuestResourceSource
  | { readonly kind: 'drop'; readonly resource: ResourceClass<Resource> }
  | { readonly kind: 'core'; readonly instance: number; readonly name: string };

export interface LinkedInstance {
  readonly module: WebAssembly.Module;
  readonly imports: readonly NamedImport[];
  /** The instance that owns the memory which a rewritten module imports, and with it the dirty map. */
  readonly dirtyMapOwner: number | undefined;
}

interface NamedImport {
  readonly module: string;
  readonly name: string;
  readonly source: LinkedImport;
}

/** A component ready to be instantiated: compiled, and its imports found among the host's. */
export interface Program {
  readonly plan: LinkPlan;
  readonly instances: readonly LinkedInstance[];
  /** Whether the modules were rewritten, so that instances can be reset. */
  readonly resettable: boolean;
}

/** A plan and the core modules it needs, by their index in the component. */
export interface Compiled {
  readonly plan: LinkPlan;
  readonly modules: ReadonlyMap<number, WebAssembly.Module>;
  readonly resettable: boolean;
}

/**
 * Finds every import of a plan among the host's interfaces.
 *
 * @throws {MissingImports} naming all that are not there
 */
export function linkProgram(
  { plan, modules, resettable }: Compiled,
  interfaces: readonly HostInterface[],
): Program {
  const missing = new Set<string>();
  const catalogue = new Map(interfaces.map((item) => [item.name, item]));
  const instances = plan.instances.map((instance): LinkedInstance => {
    const module = modules.get(instance.module);
    if (module === undefined) throw new RangeError(`Cannot link core module ${instance.module}`);
    const imports = instance.imports.flatMap((item) => {
      const source = findSource(item.source, catalogue, missing);
      return source === undefined ? [] : { module: item.module, name: item.name, source };
    });
    return { module, imports, dirtyMapOwner: dirtyMapOwner(module, imports) };
  });
  if (missing.size > 0) throw new MissingImports([...missing].sort());
  return { plan, instances, resettable };
}

function dirtyMapOwner(
  module: WebAssembly.Module,
  linked: readonly NamedImport[],
): number | undefined {
  const imports = WebAssembly.Module.imports(module);
  if (!imports.some((item) => item.module === dirtyMapImport.module)) return undefined;
  const memory = imports.find((item) => item.kind === 'memory');
  const { source } =
    linked.find((item) => item.module === memory?.module && item.name === memory.name) ?? {};
  if (source?.kind !== 'core') throw new RangeError('Cannot link an imported memory');
  return source.instance;
}

function findSource(
  source: CoreSource,
  catalogue: ReadonlyMap<string, HostInterface>,
  missing: Set<string>,
): LinkedImport | undefined {
  switch (source.kind) {
    case 'core':
    case 'built-in':
    case 'guest-resource':
      return source;
    case 'host': {
      const found = callable(catalogue.get(source.interface)?.functions[source.function], source);
      if (found !== undefined) return { kind: 'function', function: found, scope: source.scope };
      missing.add(`${source.interface}#${source.function}`);
      return undefined;
    }
    case 'drop': {
      const resource = findResource(source.interface, source.resource, catalogue);
      if (resource !== undefined) return { kind: 'drop', resource };
      missing.add(`${source.interface}#[resource-drop]${source.resource}`);
      return undefined;
    }
    default:
      return source satisfies never;
  }
}

function callable(
  found: HostFunction | undefined,
  { async = false }: HostFunctionSource,
): CallableFunction | undefined {
  if (!async) return found;
  return found?.bindAsync && { suspends: false, bind: found.bindAsync };
}

/** An interface that only uses a resource of another may be the one it is dropped through. */
function findResource(
  name: string,
  resource: string,
  catalogue: ReadonlyMap<string, HostInterface>,
): ResourceClass<Resource> | undefined {
  const own = catalogue.get(name)?.resources?.[resource];
  if (own !== undefined) return own;
  for (const candidate of catalogue.values()) {
    const found = candidate.resources?.[resource];
    if (found !== undefined) return found;
  }
  return undefined;
}

import type { HostInterface } from '../abi/host-function.ts';
import type { Resource, ResourceClass } from '../abi/resource.ts';
import type { Signature } from '../compose/signature.ts';
import { dirtyMapImport } from '../rewrite/rewriter.ts';
import { type CallableFunction, ImportLinker } from './import-linker.ts';
import type {
  BuiltInSource,
  CanonicalScope,
  ComposedSource,
  GuestResourceSource,
  LinkPlan,
  TrapSource,
} from './link-plan.ts';

/** What stands behind an import of a core module, looked up once for all instances. */
export type LinkedImport =
  | { readonly kind: 'function'; readonly function: CallableFunction; readonly scope: number }
  | BuiltInSource
  | GuestResourceSource
  | TrapSource
  | LinkedComposed
  | {
      readonly kind: 'drop';
      readonly resource: ResourceClass<Resource>;
      readonly part: number;
    }
  | { readonly kind: 'core'; readonly instance: number; readonly name: string };

/** A function of another component inside, and the module that calls it. */
export interface LinkedComposed {
  readonly kind: 'composed';
  readonly source: ComposedSource;
  readonly signature: Signature;
  readonly trampoline: WebAssembly.Module;
  /** As `trampoline`, for the function by which the callee is called back. */
  readonly callbackTrampoline: WebAssembly.Module;
}

export interface LinkedInstance {
  readonly module: WebAssembly.Module;
  readonly imports: readonly NamedImport[];
  /** The import of the memory that a rewritten module marks pages of. */
  readonly marksMemory: { readonly module: string; readonly name: string } | undefined;
  /** The scopes whose memory and allocator are there once this instance is. */
  readonly completes: readonly number[];
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
  const imports = new ImportLinker(interfaces, plan.types ?? []);
  const instances = plan.instances.map((planned, index): LinkedInstance => {
    const module = modules.get(planned.module);
    if (module === undefined) throw new RangeError(`Cannot link core module ${planned.module}`);
    const linked = planned.imports.flatMap((item) => {
      const source = imports.link(item.source);
      return source === undefined ? [] : { module: item.module, name: item.name, source };
    });
    const completes = plan.scopes.flatMap((scope, number) =>
      lastOf(scope) === index ? [number] : [],
    );
    return {
      module,
      imports: linked,
      marksMemory: resettable ? markedMemory(module) : undefined,
      completes,
    };
  });
  imports.checkComplete();
  return { plan, instances, resettable };
}

/** The last of the core instances that a scope needs. */
function lastOf({ memory, realloc }: CanonicalScope): number {
  return Math.max(memory?.instance ?? 0, realloc?.instance ?? 0);
}

/** The memory that a rewritten module imports, for whose map it has an import besides. */
function markedMemory(module: WebAssembly.Module): WebAssembly.ModuleImportDescriptor | undefined {
  const imports = WebAssembly.Module.imports(module);
  if (!imports.some((item) => item.module === dirtyMapImport.module)) return undefined;
  return imports.find((item) => item.kind === 'memory');
}

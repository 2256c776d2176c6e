import { CoreModules } from './core-modules.ts';
import type { Frame } from './frame.ts';
import type { ModuleItem } from './items.ts';
import type {
  CanonicalScope,
  CoreItem,
  LinkPlan,
  PlannedExport,
  PlannedImport,
  PlannedInstance,
} from './link-plan.ts';
import { TypeTable } from './type-table.ts';
import { UnsupportedComponent } from './unsupported-component.ts';

/** The most core instances of all components together, and the most imports of those. */
const mostInstances = 1000;
const mostImports = 1_000_000;

/** What all frames of a component put into one plan. */
export class PlanBuilder {
  readonly types = new TypeTable({ partOf: (frame) => this.partOf(frame) });
  readonly modules = new CoreModules();
  readonly #instances: PlannedInstance[] = [];
  readonly #scopes: CanonicalScope[] = [];
  readonly #scopesByShape = new Map<string, number>();
  readonly #parts = new Map<Frame, number>();
  readonly #coreItems: { instance: number }[] = [];
  /** Where instances ended up that were numbered before their turn came. */
  readonly #places = new Map<number, number>();
  #numbered = 0;
  #imports = 0;

  /** A number for a core instance that is going to be added. */
  numberInstance(): number {
    return this.#numbered++;
  }

  addInstance(number: number, module: ModuleItem, imports: readonly PlannedImport[]): void {
    if (module.kind !== 'inline') {
      const what = `it imports a core module, '${module.name}'`;
      throw new UnsupportedComponent('core-module-import', what);
    }
    if (this.#instances.length >= mostInstances) {
      throw new UnsupportedComponent('too-large', `it has more than ${mostInstances} instances`);
    }
    this.#imports += imports.length;
    if (this.#imports > mostImports) {
      throw new UnsupportedComponent('too-large', `it has more than ${mostImports} imports`);
    }
    this.#places.set(number, this.#instances.length);
    this.#instances.push({ module: this.modules.numberOf(module.bytes), imports });
  }

  /** An export of a core instance, by the number that this has before the plan is complete. */
  coreItem(instance: number, name: string): CoreItem {
    const item = { kind: 'core', instance, name } as const;
    this.#coreItems.push(item);
    return item;
  }

  /** The number of the component whose handles a frame's functions use. */
  partOf(frame: Frame): number {
    const known = this.#parts.get(frame);
    if (known !== undefined) return known;
    const part = this.#parts.size;
    this.#parts.set(frame, part);
    return part;
  }

  scope(scope: CanonicalScope): number {
    const shape = JSON.stringify(scope);
    const known = this.#scopesByShape.get(shape);
    if (known !== undefined) return known;
    const index = this.#scopes.push(scope) - 1;
    this.#scopesByShape.set(shape, index);
    return index;
  }

  build(exports: readonly PlannedExport[]): LinkPlan {
    for (const item of this.#coreItems) item.instance = this.#placeOf(item.instance);
    const parts = this.#parts.size;
    const { types } = this.types;
    return {
      instances: this.#instances,
      scopes: this.#scopes,
      exports,
      ...(types.length > 0 && { types }),
      ...(parts > 1 && { parts }),
    };
  }

  #placeOf(number: number): number {
    const place = this.#places.get(number);
    if (place !== undefined) return place;
    throw new UnsupportedComponent('unresolved-index', 'a core instance is used that is not made');
  }
}

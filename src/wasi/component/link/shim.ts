import type {
  Component,
  CoreExportAlias,
  CoreInstanceDefinition,
  Export,
} from '../binary/component.ts';
import { type CoreInterface, hasSection, readCoreInterface } from '../binary/core-interface.ts';
import { sectionId } from '../binary/core-module.ts';

/**
 * wit-component's way round a circle: lowered functions need the main module's memory, and the main
 * module needs the functions. It imports them from a *shim*, whose functions call through a table,
 * and a *fixup* module fills that table afterwards. Host functions here look the memory up when they
 * are called, so the main module can have them directly and the detour falls away.
 */
export interface Shim {
  /** Core instance of the shim. */
  readonly shim: number;
  /** Core instance of the fixup. */
  readonly fixup: number;
  /** What the fixup puts behind each of the shim's functions. */
  readonly targets: ReadonlyMap<string, Export>;
  /** Whether the fixup does nothing but fill the table. */
  readonly pure: boolean;
}

type Instantiation = Extract<CoreInstanceDefinition, { kind: 'instantiate' }>;

const tableName = '$imports';
const decimal = /^\d+$/;

/** The shims of a component; their shape is what tells them, names may have been stripped. */
export function findShims(component: Component): Shim[] {
  const shapes = component.coreModules.map((module) =>
    module.kind === 'inline' ? readCoreInterface(module.bytes) : undefined,
  );
  const shims: Shim[] = [];
  for (const [fixup, definition] of component.coreInstances.entries()) {
    if (definition.kind !== 'instantiate') continue;
    const shape = shapes[definition.module];
    if (shape === undefined || !isFixup(shape)) continue;
    const found = shimFilledBy(component, definition, shapes);
    if (found === undefined) continue;
    shims.push({ ...found, fixup, pure: !hasSection(shape, sectionId.start) });
  }
  return shims;
}

function shimFilledBy(
  component: Component,
  fixup: Instantiation,
  shapes: readonly (CoreInterface | undefined)[],
): { shim: number; targets: Map<string, Export> } | undefined {
  const argument = fixup.arguments.find((candidate) => candidate.name === '');
  const given = argument && component.coreInstances[argument.instance];
  if (given?.kind !== 'exports') return undefined;
  const table = given.exports.find((item) => item.name === tableName && item.sort === 'core table');
  const alias: CoreExportAlias | undefined = table && component.coreTables[table.index];
  if (alias === undefined) return undefined;
  const shim = component.coreInstances[alias.coreInstance];
  if (shim?.kind !== 'instantiate' || shim.arguments.length > 0) return undefined;
  const shape = shapes[shim.module];
  if (shape === undefined || !isShim(shape)) return undefined;
  const functions = given.exports.filter((item) => decimal.test(item.name));
  return {
    shim: alias.coreInstance,
    targets: new Map(functions.map((item) => [item.name, item])),
  };
}

function isShim(core: CoreInterface): boolean {
  return (
    core.imports.length === 0 &&
    hasNoState(core) &&
    !hasSection(core, sectionId.start) &&
    core.exports.some((item) => item.kind === 'table' && item.name === tableName) &&
    core.exports.every((item) => item.kind === 'table' || decimal.test(item.name))
  );
}

function isFixup(core: CoreInterface): boolean {
  return (
    core.exports.length === 0 &&
    hasNoState(core) &&
    hasSection(core, sectionId.element) &&
    core.imports.some((item) => item.kind === 'table' && item.name === tableName) &&
    core.imports.every((item) => item.module === '' || hasSection(core, sectionId.start))
  );
}

function hasNoState(core: CoreInterface): boolean {
  return (
    core.memories.length === 0 && core.globals.length === 0 && !hasSection(core, sectionId.data)
  );
}

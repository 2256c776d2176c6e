import type { Component, CoreInstanceDefinition, Export } from '../binary/component.ts';
import { type CoreInterface, hasSection } from '../binary/core-interface.ts';
import { sectionId } from '../binary/core-module.ts';
import type { CoreModules } from './core-modules.ts';

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
type Shapes = readonly (CoreInterface | undefined)[];

const tableName = '$imports';
const decimal = /^\d+$/;

/** The shims of a component; their shape is what tells them, names may have been stripped. */
export function findShims(component: Component, modules: CoreModules): Shim[] {
  const shapes = component.coreModules.map((module) =>
    module.kind === 'inline' ? modules.interfaceOf(module.bytes) : undefined,
  );
  const shims: Shim[] = [];
  for (const [fixup, definition] of component.coreInstances.entries()) {
    if (definition.kind !== 'instantiate') continue;
    const shape = shapes[definition.module];
    if (shape === undefined || !isFixup(shape)) continue;
    const shim = shimFilledBy(component, definition, shape, shapes);
    if (shim === undefined) continue;
    const targets = targetsOf(component, definition, shape);
    shims.push({ shim, fixup, targets, pure: !hasSection(shape, sectionId.start) });
  }
  return shims;
}

/** The instance whose table a fixup fills, if it has the shape of a shim. */
function shimFilledBy(
  component: Component,
  fixup: Instantiation,
  shape: CoreInterface,
  shapes: Shapes,
): number | undefined {
  const table = shape.imports.find((item) => item.kind === 'table');
  const given = fixup.arguments.find((argument) => argument.name === table?.module);
  if (given === undefined) return undefined;
  const owner = tableOwner(component, given.instance);
  const definition = owner === undefined ? undefined : component.coreInstances[owner];
  if (definition?.kind !== 'instantiate' || definition.arguments.length > 0) return undefined;
  const ownerShape = shapes[definition.module];
  return ownerShape !== undefined && isShim(ownerShape) ? owner : undefined;
}

/** The fixup is given the shim itself, or a bundle of exports that has the shim's table. */
function tableOwner(component: Component, given: number): number | undefined {
  const definition = component.coreInstances[given];
  if (definition?.kind !== 'exports') return given;
  const table = exportNamed(definition.exports, tableName);
  return table === undefined ? undefined : component.coreTables[table.index]?.coreInstance;
}

function targetsOf(
  component: Component,
  fixup: Instantiation,
  shape: CoreInterface,
): ReadonlyMap<string, Export> {
  const targets = new Map<string, Export>();
  for (const item of shape.imports.filter(({ name }) => decimal.test(name))) {
    const given = fixup.arguments.find((argument) => argument.name === item.module);
    const definition = given && component.coreInstances[given.instance];
    if (definition?.kind !== 'exports') continue;
    const target = exportNamed(definition.exports, item.name);
    if (target !== undefined) targets.set(item.name, target);
  }
  return targets;
}

function exportNamed(exports: readonly Export[], name: string): Export | undefined {
  return exports.find((item) => item.name === name);
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

/** A fixup with a start function may import what that calls, besides. */
function isFixup(core: CoreInterface): boolean {
  const others = core.imports.filter(({ name }) => name !== tableName && !decimal.test(name));
  return (
    core.exports.length === 0 &&
    hasNoState(core) &&
    hasSection(core, sectionId.element) &&
    core.imports.some((item) => item.kind === 'table' && item.name === tableName) &&
    (others.length === 0 || hasSection(core, sectionId.start))
  );
}

function hasNoState(core: CoreInterface): boolean {
  return (
    core.memories.length === 0 && core.globals.length === 0 && !hasSection(core, sectionId.data)
  );
}

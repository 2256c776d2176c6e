import { readCanonicalDefinition } from './canonical-definitions.ts';
import {
  type Component,
  type CoreInstanceDefinition,
  emptyComponent,
  type InstanceDefinition,
  type Sort,
} from './component.ts';
import { readExternType, readType, skipCoreType } from './component-types.ts';
import { readPreamble } from './preamble.ts';
import { Reader } from './reader.ts';
import { checkReferences, mustBeDefined } from './references.ts';
import {
  readArgument,
  readCoreInlineExport,
  readExternName,
  readInlineExport,
  readSort,
} from './sorts.ts';

/** How deep components may nest before the file counts as hostile. */
const deepestNesting = 16;

/** As many as other runtimes take. */
const mostInstances = 1000;

/**
 * Decodes a component.
 *
 * @throws {MalformedBinary} where the bytes are not a component of this version of the binary format
 */
export function decodeComponent(bytes: Uint8Array): Component {
  return readComponent(new Reader(bytes), []);
}

/** @param outer the components around this one, as far as they are read, the nearest last */
function readComponent(reader: Reader, outer: readonly Component[]): Component {
  if (outer.length > deepestNesting) {
    reader.fail(`components nested deeper than ${deepestNesting}`);
  }
  readPreamble(reader, 'component');
  const component = emptyComponent();
  while (!reader.done) {
    const id = reader.byte();
    const section = reader.section(reader.u32());
    readSection(component, id, section, outer);
    if (id !== 0 && !section.done) section.fail('a section that is longer than its contents');
  }
  return component;
}

function readSection(
  component: Component,
  id: number,
  section: Reader,
  outer: readonly Component[],
): void {
  switch (id) {
    case 0:
      return;
    case 1:
      component.coreModules.push({
        kind: 'inline',
        bytes: section.take(section.end - section.position),
      });
      return;
    case 2:
      section.list((reader) =>
        define(component, 'coreInstances', readCoreInstance(reader), reader),
      );
      return;
    case 3:
      section.list(skipCoreType);
      return;
    case 4:
      component.components.push({
        kind: 'inline',
        component: readComponent(section, [...outer, component]),
      });
      return;
    case 5:
      section.list((reader) => define(component, 'instances', readInstance(reader), reader));
      return;
    case 6:
      section.list((reader) => readAlias(component, reader, outer));
      return;
    case 7:
      section.list((reader) => readTypeDefinition(component, reader));
      return;
    case 8:
      section.list((reader) => readCanonical(component, reader));
      return;
    case 10:
      section.list((reader) => readImport(component, reader));
      return;
    case 11:
      section.list((reader) => readExport(component, reader));
      return;
    default:
      section.fail(`a section of the unknown kind ${id}`);
  }
}

/** Adds an instance; what it is made of must be there already. */
function define<Space extends 'coreInstances' | 'instances'>(
  component: Component,
  space: Space,
  definition: Component[Space][number],
  reader: Reader,
): void {
  checkReferences(component, definition, reader);
  const instances: Component[Space][number][] = component[space];
  if (instances.length >= mostInstances) reader.fail(`more than ${mostInstances} instances`);
  instances.push(definition);
}

function readCoreInstance(reader: Reader): CoreInstanceDefinition {
  if (reader.byte() === 0x01) {
    return { kind: 'exports', exports: reader.list(readCoreInlineExport) };
  }
  const module = reader.u32();
  const args = reader.list((inner) => {
    const name = inner.name();
    if (inner.byte() !== 0x12) inner.fail('an argument that is no core instance');
    return { name, instance: inner.u32() };
  });
  return { kind: 'instantiate', module, arguments: args };
}

function readInstance(reader: Reader): InstanceDefinition {
  if (reader.byte() === 0x01) return { kind: 'exports', exports: reader.list(readInlineExport) };
  return { kind: 'instantiate', component: reader.u32(), arguments: reader.list(readArgument) };
}

function readAlias(component: Component, reader: Reader, outer: readonly Component[]): void {
  const sort = readSort(reader);
  switch (reader.byte()) {
    case 0x00:
      addAlias(component, reader, sort, { instance: reader.u32(), name: reader.name() });
      return;
    case 0x01:
      addCoreAlias(component, reader, sort, {
        coreInstance: reader.u32(),
        name: reader.name(),
      });
      return;
    case 0x02:
      addOuterAlias(component, reader, sort, outer, { depth: reader.u32(), index: reader.u32() });
      return;
    default:
      reader.fail('an unknown kind of alias');
  }
}

function addAlias(
  component: Component,
  reader: Reader,
  sort: Sort,
  target: { instance: number; name: string },
): void {
  const alias = { kind: 'alias', ...target } as const;
  mustBeDefined(reader, component.instances, target.instance, 'instance');
  if (sort === 'function') component.functions.push(alias);
  else if (sort === 'type') component.types.push(alias);
  else if (sort === 'instance') component.instances.push(alias);
  else if (sort === 'component') component.components.push(alias);
  else if (sort === 'core module') component.coreModules.push(alias);
  else reader.fail(`an alias of a ${sort}`);
}

function addCoreAlias(
  component: Component,
  reader: Reader,
  sort: Sort,
  target: { coreInstance: number; name: string },
): void {
  const alias = { kind: 'alias', ...target } as const;
  mustBeDefined(reader, component.coreInstances, target.coreInstance, 'core instance');
  if (sort === 'core function') component.coreFunctions.push(alias);
  else if (sort === 'core table') component.coreTables.push(alias);
  else if (sort === 'core memory') component.coreMemories.push(alias);
  else if (sort === 'core global') component.coreGlobals.push(alias);
  else if (sort === 'core tag') component.coreTags.push(alias);
  else reader.fail(`an alias of a ${sort}`);
}

function addOuterAlias(
  component: Component,
  reader: Reader,
  sort: Sort,
  outer: readonly Component[],
  target: { depth: number; index: number },
): void {
  const alias = { kind: 'outer', ...target } as const;
  const from = target.depth === 0 ? component : outer[outer.length - target.depth];
  if (sort === 'type') mustBeDefined(reader, from?.types ?? [], target.index, sort);
  if (sort === 'type') component.types.push(alias);
  else if (sort === 'component') component.components.push(alias);
  else if (sort === 'core module') component.coreModules.push(alias);
  else if (sort !== 'core type') reader.fail(`an outer alias of a ${sort}`);
}

function readTypeDefinition(component: Component, reader: Reader): void {
  const type = readType(reader);
  if (type.kind === 'resource' && type.destructor !== undefined) {
    mustBeDefined(reader, component.coreFunctions, type.destructor, 'core function');
  }
  component.types.push(type);
}

function readCanonical(component: Component, reader: Reader): void {
  const canonical = readCanonicalDefinition(reader);
  checkReferences(component, canonical.definition, reader);
  if (canonical.makes === 'function') component.functions.push(canonical.definition);
  else component.coreFunctions.push(canonical.definition);
}

function readImport(component: Component, reader: Reader): void {
  const name = readExternName(reader);
  const sort = readExternType(reader);
  component.imports.push({ name, sort });
  const imported = { kind: 'import', name } as const;
  if (sort === 'instance') component.instances.push(imported);
  else if (sort === 'function') component.functions.push(imported);
  else if (sort === 'type') component.types.push(imported);
  else if (sort === 'component') component.components.push(imported);
  else if (sort === 'core module') component.coreModules.push(imported);
  else reader.fail(`an import of a ${sort}`);
}

function readExport(component: Component, reader: Reader): void {
  const name = readExternName(reader);
  const sort = readSort(reader);
  const index = reader.u32();
  if (reader.byte() === 1) readExternType(reader);
  component.exports.push({ name, sort, index });
  // An export is also a new name for what it exports, with an index of its own.
  if (sort === 'instance') repeat(component.instances, index, reader);
  else if (sort === 'function') repeat(component.functions, index, reader);
  else if (sort === 'type') repeat(component.types, index, reader);
  else if (sort === 'component') repeat(component.components, index, reader);
  else if (sort === 'core module') repeat(component.coreModules, index, reader);
  else reader.fail(`an export of a ${sort}`);
}

function repeat<T>(space: T[], index: number, reader: Reader): void {
  const definition = space[index];
  if (definition === undefined) reader.fail(`an export of index ${index}, which is not defined,`);
  space.push(definition);
}

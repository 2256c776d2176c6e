import { readCanonicalDefinition } from './canonical-definitions.ts';
import {
  type Component,
  type CoreInstanceDefinition,
  emptyComponent,
  type InstanceDefinition,
  type Sort,
  type Space,
} from './component.ts';
import { readExternType, readType } from './component-types.ts';
import { skipCoreType } from './core-type-declarations.ts';
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
    case 1: {
      const bytes = section.take(section.end - section.position);
      add(component, 'coreModules', { kind: 'inline', bytes });
      return;
    }
    case 2:
      section.list((reader) =>
        addInstance(component, 'coreInstances', readCoreInstance(reader), reader),
      );
      return;
    case 3:
      section.list(skipCoreType);
      return;
    case 4:
      add(component, 'components', {
        kind: 'inline',
        component: readComponent(section, [...outer, component]),
      });
      return;
    case 5:
      section.list((reader) => addInstance(component, 'instances', readInstance(reader), reader));
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

/** Adds a definition to its index space. */
function add<S extends Space>(component: Component, space: S, definition: Component[S][number]) {
  const definitions: Component[S][number][] = component[space];
  definitions.push(definition);
  component.order.push(space);
}

/** Adds an instance; what it is made of must be there already. */
function addInstance<S extends 'coreInstances' | 'instances'>(
  component: Component,
  space: S,
  definition: Component[S][number],
  reader: Reader,
): void {
  checkReferences(component, definition, reader);
  if (component[space].length >= mostInstances) {
    reader.fail(`more than ${mostInstances} instances`);
  }
  add(component, space, definition);
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

/** The index spaces of what an instance can export. */
const spaces: Partial<
  Record<Sort, 'functions' | 'types' | 'instances' | 'components' | 'coreModules'>
> = {
  function: 'functions',
  type: 'types',
  instance: 'instances',
  component: 'components',
  'core module': 'coreModules',
};

const coreSpaces: Partial<
  Record<Sort, 'coreFunctions' | 'coreTables' | 'coreMemories' | 'coreGlobals' | 'coreTags'>
> = {
  'core function': 'coreFunctions',
  'core table': 'coreTables',
  'core memory': 'coreMemories',
  'core global': 'coreGlobals',
  'core tag': 'coreTags',
};

function addAlias(
  component: Component,
  reader: Reader,
  sort: Sort,
  target: { instance: number; name: string },
): void {
  mustBeDefined(reader, component.instances, target.instance, 'instance');
  const space = spaces[sort] ?? reader.fail(`an alias of a ${sort}`);
  add(component, space, { kind: 'alias', ...target });
}

function addCoreAlias(
  component: Component,
  reader: Reader,
  sort: Sort,
  target: { coreInstance: number; name: string },
): void {
  mustBeDefined(reader, component.coreInstances, target.coreInstance, 'core instance');
  const space = coreSpaces[sort] ?? reader.fail(`an alias of a ${sort}`);
  add(component, space, { kind: 'alias', ...target });
}

function addOuterAlias(
  component: Component,
  reader: Reader,
  sort: Sort,
  outer: readonly Component[],
  target: { depth: number; index: number },
): void {
  if (sort === 'core type') return;
  const space = spaces[sort];
  if (space === undefined || space === 'functions' || space === 'instances') {
    reader.fail(`an outer alias of a ${sort}`);
  }
  const from = target.depth === 0 ? component : outer[outer.length - target.depth];
  mustBeDefined(reader, from?.[space] ?? [], target.index, sort);
  add(component, space, { kind: 'outer', ...target });
}

function readTypeDefinition(component: Component, reader: Reader): void {
  const type = readType(reader);
  if (type.kind === 'resource' && type.destructor !== undefined) {
    mustBeDefined(reader, component.coreFunctions, type.destructor, 'core function');
  }
  add(component, 'types', type);
}

function readCanonical(component: Component, reader: Reader): void {
  const canonical = readCanonicalDefinition(reader);
  checkReferences(component, canonical.definition, reader);
  if (canonical.makes === 'function') add(component, 'functions', canonical.definition);
  else add(component, 'coreFunctions', canonical.definition);
}

function readImport(component: Component, reader: Reader): void {
  const name = readExternName(reader);
  const { sort, type } = readExternType(reader);
  const space = spaces[sort] ?? reader.fail(`an import of a ${sort}`);
  component.imports.push({ name, sort });
  add(component, space, { kind: 'import', name, ...(type !== undefined && { type }) });
}

function readExport(component: Component, reader: Reader): void {
  const name = readExternName(reader);
  const sort = readSort(reader);
  const index = reader.u32();
  if (reader.byte() === 1) readExternType(reader);
  const space = spaces[sort] ?? reader.fail(`an export of a ${sort}`);
  mustBeDefined(reader, component[space], index, sort);
  component.exports.push({ name, sort, index });
  add(component, space, { kind: 'same', index });
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeComponent } from '../binary/component-decoder.ts';
import { componentFixture } from '../testing/fixtures.ts';
import { CoreModules } from './core-modules.ts';
import { findShims } from './shim.ts';

describe('findShims()', () => {
  it('reads each module once, however often its component is instantiated', () => {
    const component = decodeComponent(componentFixture('command'));
    const modules = new CoreModules();
    const first = findShims(component, modules);
    assert.equal(first.length, 1);
    for (const module of component.coreModules) {
      if (module.kind === 'inline') module.bytes.fill(0); // whoever reads it again finds no module
    }
    assert.deepEqual(findShims(component, modules), first);
  });
});

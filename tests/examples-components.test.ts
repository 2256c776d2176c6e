import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { describeWasm } from '../src/wasi/component/describe-wasm.ts';
import { prepareComponent } from '../src/wasi/component/prepared-component.ts';

const examples = path.resolve(import.meta.dirname, '../examples');

describe('examples/http.yaml', () => {
  it('runs an HTTP component whose instances can be reset', () => {
    const [pod] = parseAllDocuments(readFileSync(path.join(examples, 'http.yaml'), 'utf8'));
    const image = String(pod?.getIn(['spec', 'containers', 0, 'image']));
    const bytes = readFileSync(path.join(examples, image.replace(/^file:/, '')));
    const description = describeWasm(bytes);
    assert.equal(description?.kind === 'component' && description.workload, 'http-server');
    assert.equal(prepareComponent(bytes).isolation.kind, 'reset');
  });
});

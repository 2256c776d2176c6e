import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digestOf } from '../content/digest.ts';
import { wasmArtifact } from './wasm-artifact.ts';

const layer = { digest: digestOf('module'), size: 6 };
const module = {
  kind: 'module',
  imports: ['wasi_snapshot_preview1.fd_write'],
  exports: ['_start'],
} as const;
const component = {
  kind: 'component',
  imports: ['wasi:cli/stdout@0.2.0'],
  exports: ['wasi:cli/run@0.2.0'],
} as const;

const parse = (bytes: Uint8Array): unknown => JSON.parse(Buffer.from(bytes).toString());

describe('wasmArtifact', () => {
  it('describes a component by its imports and exports', () => {
    const created = new Date('2026-11-23T00:00:00Z');
    const { config, manifest } = wasmArtifact(layer, component, { created, author: 'me' });
    assert.deepEqual(parse(config), {
      created: '2026-11-23T00:00:00.000Z',
      author: 'me',
      architecture: 'wasm',
      os: 'wasip2',
      layerDigests: [layer.digest],
      component: { exports: component.exports, imports: component.imports, target: null },
    });
    assert.deepEqual(parse(manifest), {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: {
        mediaType: 'application/vnd.wasm.config.v0+json',
        digest: digestOf(config),
        size: config.length,
      },
      layers: [{ mediaType: 'application/wasm', ...layer }],
    });
  });

  it('makes a module wasip1, without a component', () => {
    const config = parse(wasmArtifact(layer, module).config);
    assert.deepEqual(config, {
      created: '1970-01-01T00:00:00.000Z',
      architecture: 'wasm',
      os: 'wasip1',
      layerDigests: [layer.digest],
    });
  });

  it('writes what Krustlet 1.0 reads, on request', () => {
    const { config, manifest } = wasmArtifact(layer, module, { format: 'krustlet' });
    assert.deepEqual(parse(config), {});
    const { config: described, layers } = parse(manifest) as Record<'config' | 'layers', object>;
    assert.deepEqual(described, {
      mediaType: 'application/vnd.wasm.config.v1+json',
      digest: digestOf(config),
      size: config.length,
    });
    assert.deepEqual(layers, [
      { mediaType: 'application/vnd.wasm.content.layer.v1+wasm', ...layer },
    ]);
  });

  it('gives the same bytes for the same module', () => {
    assert.deepEqual(wasmArtifact(layer, module), wasmArtifact(layer, module));
  });
});

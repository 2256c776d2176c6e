import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { treeArchive } from '../scripts/build-image/tree-archive.ts';
import type { Descriptor } from '../src/oci/content/descriptor.ts';
import { parseManifest } from '../src/oci/content/manifest.ts';
import { pushImage } from '../src/oci/push/push-image.ts';
import { bytesSource } from '../src/oci/push/upload-blob.ts';
import { parseReference } from '../src/oci/reference/parse-reference.ts';
import { RegistryClient } from '../src/oci/registry/registry-client.ts';
import type { Repository } from '../src/oci/registry/repository.ts';
import { skipWithout } from './cluster/tools.ts';
import { sha256 } from './registry/scripted-image.ts';
import { tarArchive } from './registry/tar-archive.ts';
import { TestRegistry } from './registry/test-registry.ts';

const root = path.resolve(import.meta.dirname, '..');
const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip';
const configType = 'application/vnd.oci.image.config.v1+json';

describe('npm run build:image', { skip: skipWithout('registry') }, () => {
  let folder: string;
  let registry: TestRegistry;
  let base: Buffer;
  let output: string;
  let image: Repository;
  let digest: string;
  const client = new RegistryClient();

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'krustlet-build-image-'));
    registry = await TestRegistry.start();
    base = gzipSync(await tarArchive([{ name: 'etc/base', content: 'of the base' }]));
    await pushBase();
    output = path.join(folder, 'image.tar');
    const name = `${registry.host}/team/krustlet:1`;
    const flags = ['--base', `${registry.host}/base:1`, '--tag', name, '--output', output];
    const script = path.join(root, 'scripts', 'build-image.ts');
    const said = execFileSync(process.execPath, [script, ...flags], { encoding: 'utf8' });
    const [printed, printedDigest = ''] = said.split('\n');
    assert.equal(printed, name);
    digest = printedDigest;
    image = await client.repository({
      endpoint: client.registries.originOf(registry.host),
      registry: registry.host,
      repository: 'team/krustlet',
      credential: undefined,
    });
  });
  after(async () => {
    await client[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A base with one file, whose config says more than is changed. */
  async function pushBase(): Promise<void> {
    const config = bytesSource(
      encode({
        architecture: process.arch === 'x64' ? 'amd64' : process.arch,
        os: 'linux',
        created: '2026-11-01T00:00:00Z',
        config: { Env: ['PATH=/usr/local/bin:/bin'], Cmd: ['sh'], Labels: { kept: 'yes' } },
        rootfs: { type: 'layers', diff_ids: [sha256(gunzipSync(base))] },
        history: [{ created_by: 'a test' }],
      }),
    );
    const layer = bytesSource(base);
    const described = { mediaType: configType, digest: config.digest, size: config.size };
    const layers = [{ mediaType: layerType, digest: layer.digest, size: layer.size }];
    const manifest = encode({
      schemaVersion: 2,
      mediaType: manifestType,
      config: described,
      layers,
    });
    const pushed = { mediaType: manifestType, manifest, blobs: [config, layer] };
    await pushImage(client, pushed, parseReference(`${registry.host}/base:1`));
  }

  async function fetchImage() {
    const { bytes, contentType, digest } = await image.manifest('1');
    const manifest = parseManifest(bytes, contentType, 'the image');
    assert.ok(manifest.kind === 'manifest');
    return { ...manifest, digest };
  }
  const read = async (blob: Descriptor) => await buffer((await image.blob(blob, 0)).body);

  it('adds one layer to the base, and says so in the config', async () => {
    const pushed = await fetchImage();
    assert.equal(pushed.digest, digest);
    const [first, added, ...others] = pushed.layers;
    assert.ok(first && added && others.length === 0);
    assert.equal(first.digest, sha256(base));
    const bytes = await read(added);
    const config = JSON.parse((await read(pushed.config)).toString());
    assert.deepEqual(config.rootfs.diff_ids, [gunzipSync(base), gunzipSync(bytes)].map(sha256));
    assert.equal(config.history.length, 2);
    assert.equal(config.created, '2026-11-01T00:00:00Z');
    const { Entrypoint, Env, Cmd, Labels } = config.config;
    assert.deepEqual([Entrypoint, Cmd], [['/usr/local/bin/krustlet'], undefined]);
    assert.deepEqual([Env, Labels.kept], [['PATH=/usr/local/bin:/bin'], 'yes']);
  });

  it('has the program in it, which runs', async () => {
    const [, added] = (await fetchImage()).layers;
    assert.ok(added);
    const place = path.join(folder, 'rootfs');
    mkdirSync(place);
    execFileSync('tar', ['--extract', '--gzip', '--directory', place], {
      input: await read(added),
    });
    const home = path.join(place, 'opt', 'krustlet');
    const node = path.join(home, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
    const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    const said = execFileSync(node, [path.join(home, 'bin', 'krustlet.js'), '--version']);
    assert.match(said.toString(), new RegExp(version.replaceAll('.', '\\.')));
  });

  it('writes the same image as a file that docker load reads', () => {
    const entry = (name: string) =>
      JSON.parse(
        execFileSync('tar', ['--extract', '--to-stdout', '--file', output, name]).toString(),
      );
    const [manifest] = entry('index.json').manifests;
    assert.equal(manifest.digest, digest);
    const [{ Config, Layers, RepoTags }] = entry('manifest.json');
    assert.deepEqual(RepoTags, [`${registry.host}/team/krustlet:1`]);
    const names = execFileSync('tar', ['--list', '--file', output]).toString().split('\n');
    for (const name of [Config, ...Layers]) assert.ok(names.includes(name), name);
  });
});

describe('treeArchive', () => {
  it('gives the same bytes for the same files, whenever and by whom they were written', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'krustlet-tree-'));
    const [one, other] = [path.join(folder, 'one'), path.join(folder, 'other')];
    mkdirSync(path.join(one, 'bin'), { recursive: true });
    writeFileSync(path.join(one, 'bin', 'program'), Buffer.alloc(3_000_000, 1), { mode: 0o700 });
    writeFileSync(path.join(one, 'note'), 'a note', { mode: 0o600 });
    symlinkSync('/bin/program', path.join(one, 'link'));
    cpSync(one, other, { recursive: true, verbatimSymlinks: true });
    chmodSync(path.join(other, 'bin', 'program'), 0o755);
    utimesSync(path.join(other, 'note'), 1, 1);
    const [first, second] = await Promise.all([one, other].map((it) => buffer(treeArchive(it))));
    assert.ok(first && second && first.equals(second));
    const list = execFileSync('tar', ['--list', '--verbose', '--numeric-owner'], { input: first });
    assert.match(list.toString(), /^-rwxr-xr-x 0\/0 +3000000 1970-01-01 .* bin\/program$/m);
    rmSync(folder, { recursive: true });
  });
});

function encode(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

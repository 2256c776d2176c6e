import assert from 'node:assert/strict';
import { lstat, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { type TarEntry, tarArchive } from '../../../tests/registry/tar-archive.ts';
import type { OciErrorCode } from '../errors.ts';
import { applyEntry } from './apply-entry.ts';
import { FileTree } from './file-tree.ts';
import type { LayerLimits } from './layer-budget.ts';
import { LayerStack } from './layer-stack.ts';
import { unpack } from './unpack.ts';

let directory: string;
let count = 0;

before(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'layers-'));
});

after(async () => {
  await rm(directory, { recursive: true, force: true });
});

type Layer = readonly TarEntry[] | Buffer;

async function stackOf(layers: readonly Layer[], limits: LayerLimits = {}): Promise<LayerStack> {
  const files = layers.map(async (layer) => {
    const file = path.join(directory, `layer-${count++}`);
    await writeFile(file, Buffer.isBuffer(layer) ? layer : await tarArchive(layer as TarEntry[]));
    return file;
  });
  return await LayerStack.read(await Promise.all(files), limits);
}

async function contentAt(stack: LayerStack, name: string): Promise<string | undefined> {
  const node = stack.tree.find(name)?.node;
  return node?.kind === 'file' ? await text(stack.content(node)) : node?.kind;
}

const dir = (name: string): TarEntry => ({ name, type: 'directory' });
const file = (name: string, content = name): TarEntry => ({ name, content });
const symlink = (name: string, linkname: string): TarEntry => ({ name, type: 'symlink', linkname });
const hardLink = (name: string, linkname: string): TarEntry => ({ name, type: 'link', linkname });

const trees: readonly {
  readonly title: string;
  readonly layers: readonly Layer[];
  readonly expected: Readonly<Record<string, string | undefined>>;
}[] = [
  {
    title: 'later layers win, and merge directories',
    layers: [
      [dir('a/'), file('a/x', 'old'), file('a/y')],
      [dir('./a'), file('./a/x', 'new'), file('/b/c/z')],
    ],
    expected: { '/a/x': 'new', 'a/y': 'a/y', '/b/c/z': '/b/c/z', '/b/c': 'directory' },
  },
  {
    title: 'a whiteout removes what lower layers had, whatever its place in the layer',
    layers: [
      [file('a/x'), file('a/y'), file('b/z')],
      [file('a/.wh.x', ''), file('.wh.b', ''), file('b/new')],
    ],
    expected: { '/a/x': undefined, '/a/y': 'a/y', '/b/z': undefined, '/b/new': 'b/new' },
  },
  {
    title: 'an opaque directory hides what lower layers had, and keeps its own',
    layers: [
      [file('a/x'), file('a/b/y')],
      [file('a/new'), file('a/.wh..wh..opq', '')],
    ],
    expected: { '/a/x': undefined, '/a/b': undefined, '/a/new': 'a/new' },
  },
  {
    title: 'an opaque directory that is named again keeps its own, also deeper down',
    layers: [
      [file('a/b/x'), file('a/y')],
      [
        file('a/b/new'),
        file('a/.wh..wh..opq', ''),
        dir('a'),
        file('a/z'),
        dir('a/c'),
        file('a/c/new'),
        file('a/.wh..wh..opq', ''),
        file('a/c/.wh..wh..opq', ''),
      ],
      [file('a/c/.wh..wh..opq', '')],
    ],
    expected: {
      '/a/b/x': undefined,
      '/a/b/new': 'a/b/new',
      '/a/y': undefined,
      '/a/z': 'a/z',
      '/a/c': 'directory',
      '/a/c/new': undefined,
    },
  },
  {
    title: 'a file replaces a directory, and a directory a link',
    layers: [
      [file('a/x'), file('t/x'), symlink('l', 't')],
      [file('a', 'now a file'), dir('l'), file('l/y')],
    ],
    expected: { '/a': 'now a file', '/a/x': undefined, '/l/y': 'l/y', '/t/y': undefined },
  },
  {
    title: 'links lead within the image only',
    layers: [
      [
        file('etc/app', 'inside'),
        symlink('up', '../../../../etc/app'),
        symlink('absolute', '/etc/app'),
        symlink('usr/dir', '../etc'),
        symlink('chain', 'usr/dir/app'),
        symlink('loop', 'loop2'),
        symlink('loop2', 'loop'),
      ],
    ],
    expected: {
      '/up': 'inside',
      '/absolute': 'inside',
      '/usr/dir/app': 'inside',
      '/chain': 'inside',
      '/loop': undefined,
      '/../../etc/app': 'inside',
    },
  },
  {
    title: 'files behind a linked directory go to where it leads',
    layers: [[dir('usr/bin'), symlink('bin', 'usr/bin')], [file('bin/app')]],
    expected: { '/usr/bin/app': 'bin/app', '/bin/app': 'bin/app' },
  },
  {
    title: 'hard links share content, also with a lower layer',
    layers: [[file('a', 'shared')], [hardLink('b', 'a'), hardLink('c', '/b')]],
    expected: { '/a': 'shared', '/b': 'shared', '/c': 'shared' },
  },
  {
    title: 'a removed original leaves its hard link',
    layers: [[file('a', 'shared'), hardLink('b', 'a')], [file('.wh.a', '')]],
    expected: { '/a': undefined, '/b': 'shared' },
  },
  {
    title: 'the last of several entries of one name counts',
    layers: [[file('a', 'first'), file('a', 'second')]],
    expected: { '/a': 'second' },
  },
  {
    title: 'devices and pipes are left out',
    layers: [
      [file('a'), file('b')],
      [
        { name: 'a', type: 'fifo' },
        { name: 'c', type: 'block-device' },
      ],
    ],
    expected: { '/a': undefined, '/b': 'b', '/c': undefined },
  },
];

const hostile: readonly {
  readonly title: string;
  readonly layers: readonly Layer[];
  readonly limits?: LayerLimits;
  readonly code: OciErrorCode;
  readonly message: RegExp;
}[] = [
  ['../escape', /has '\.\.'/],
  ['a/../../escape', /has '\.\.'/],
  ['x'.repeat(300), /more than 255 bytes/],
  ['d/'.repeat(300), /more than 256 directories/],
].map(([name, message]) => ({
  title: `an entry named '${String(name).slice(0, 20)}'`,
  layers: [[file(String(name))]],
  code: 'UnsupportedImage' as const,
  message: message as RegExp,
}));

const moreHostile: typeof hostile = [
  {
    title: 'a hard link to nothing',
    layers: [[hardLink('a', 'etc/passwd')]],
    code: 'UnsupportedImage',
    message: /there is no file 'etc\/passwd' in the image/,
  },
  {
    title: 'a hard link out of the image',
    layers: [[hardLink('a', '../../etc/passwd')]],
    code: 'UnsupportedImage',
    message: /has '\.\.'/,
  },
  {
    title: 'a file behind links in circles',
    layers: [[symlink('a', 'b'), symlink('b', 'a'), file('a/x')]],
    code: 'UnsupportedImage',
    message: /go in circles/,
  },
  {
    title: 'more entries than allowed',
    layers: [[file('a'), file('b'), file('c')]],
    limits: { maxEntries: 2 },
    code: 'TooLarge',
    message: /more than the 2 entries/,
  },
  {
    title: 'more directories than allowed entries, that only paths name',
    layers: [[file('a/b/c/d')]],
    limits: { maxEntries: 3 },
    code: 'TooLarge',
    message: /more than the 3 entries/,
  },
  {
    title: 'links that make a path absurdly long',
    layers: [[dir('x'), symlink('l', 'x/../'.repeat(800)), file('l/l/l/l/l/l/a')]],
    code: 'UnsupportedImage',
    message: /symbolic links in its path/,
  },
  {
    title: 'links that lead deeper than any path',
    layers: [
      [symlink('l', 'd/'.repeat(200)), symlink(`${'d/'.repeat(200)}l`, 'd/'.repeat(200))],
      [file('l/l/a')],
    ],
    code: 'UnsupportedImage',
    message: /symbolic links in its path go in circles, or too deep/,
  },
  {
    title: 'more bytes than allowed, over all layers',
    layers: [[file('a', 'x'.repeat(3000))], gzipSync(Buffer.alloc(50_000))],
    limits: { maxBytes: 20_000 },
    code: 'TooLarge',
    message: /more than the 20000 bytes/,
  },
  {
    title: 'noise',
    layers: [Buffer.alloc(2048, 'noise')],
    code: 'UnsupportedImage',
    message: /not a sound tar archive/,
  },
  {
    title: 'an archive that is cut off',
    layers: [gzipSync(Buffer.alloc(100_000, 'abc')).subarray(0, 200)],
    code: 'UnsupportedImage',
    message: /not a sound tar archive/,
  },
];

describe('LayerStack', () => {
  for (const { title, layers, expected } of trees) {
    it(title, async () => {
      const stack = await stackOf(layers);
      const actual = Object.keys(expected).map(async (name) => [
        name,
        await contentAt(stack, name),
      ]);
      assert.deepEqual(Object.fromEntries(await Promise.all(actual)), expected);
    });
  }

  it('reads plain, gzip and zstd layers', async () => {
    const plain = await tarArchive([file('a')]);
    for (const layer of [plain, gzipSync(plain), zstdCompressSync(plain)]) {
      assert.equal(await contentAt(await stackOf([layer]), 'a'), 'a');
    }
  });

  for (const { title, layers, limits, code, message } of [...hostile, ...moreHostile]) {
    it(`refuses ${title}`, async () => {
      await assert.rejects(stackOf(layers, limits), { code, message });
    });
  }
});

describe('applyEntry', () => {
  it('looks through a directory for what to hide once in a layer', () => {
    const tree = new FileTree();
    const add = (name: string, layer: number) =>
      applyEntry(
        tree,
        { name, type: 'file', linkname: '', mode: 0o644, size: 0, mtime: new Date(0) },
        { layer, entry: 0 },
      );
    add('a/b/x', 1);
    let looks = 0;
    for (const name of ['/a', '/a/b']) {
      const node = tree.find(name)?.node;
      assert.ok(node?.kind === 'directory');
      const { children } = node;
      children.keys = () => {
        looks++;
        return Map.prototype.keys.call(children);
      };
    }
    for (const name of ['a/.wh..wh..opq', '.wh..wh..opq', '.wh.a', 'a/.wh.b']) {
      for (let i = 0; i < 10; i++) add(name, 1);
    }
    assert.equal(looks, 2);
    assert.equal(tree.find('/a/b/x')?.node.kind, 'file');
  });
});

describe('unpack', () => {
  it('writes the finished tree, with modes but without special bits', async () => {
    const stack = await stackOf([
      [
        { ...dir('bin'), mode: 0o555 },
        { ...file('bin/app', 'program'), mode: 0o4755 },
        hardLink('app2', 'bin/app'),
        file('gone'),
      ],
      [file('.wh.gone', ''), file('new')],
    ]);
    const target = path.join(directory, 'unpacked');
    await unpack(stack, target);
    assert.deepEqual((await readdir(target)).sort(), ['app2', 'bin', 'new']);
    assert.equal(await readFile(path.join(target, 'bin/app'), 'utf8'), 'program');
    assert.equal((await stat(path.join(target, 'bin/app'))).mode & 0o7777, 0o755);
    assert.equal((await stat(path.join(target, 'bin'))).mode & 0o7777, 0o555);
    assert.equal((await stat(path.join(target, 'app2'))).nlink, 2);
  });

  it('writes no link that leads out', async () => {
    const links = {
      up: ['../../../etc/passwd', 'etc/passwd'],
      absolute: ['/etc/passwd', 'etc/passwd'],
      'a/b/here': ['../../etc/passwd', '../../etc/passwd'],
      'a/b/root': ['../../../..', '../..'],
      through: ['a/b/root/../../etc', 'etc'],
      dangling: ['nowhere/../x', 'x'],
      self: ['self', 'self'],
    } as const;
    const stack = await stackOf([
      [file('etc/passwd', 'inside'), ...Object.entries(links).map(([n, [to]]) => symlink(n, to))],
    ]);
    const target = path.join(directory, 'linked');
    await unpack(stack, target);
    for (const [name, [, expected]] of Object.entries(links)) {
      assert.equal(await readlink(path.join(target, name)), expected, name);
    }
    assert.equal(await readFile(path.join(target, 'through/passwd'), 'utf8'), 'inside');
  });

  it('writes nothing through a link, even one that leads to a real directory', async () => {
    const outside = await mkdtemp(path.join(directory, 'outside-'));
    const stack = await stackOf([[symlink('a', outside)], [file('a/x', 'evil')]]);
    const target = path.join(directory, 'through');
    await unpack(stack, target);
    assert.deepEqual(await readdir(outside), []);
    assert.equal(await readFile(path.join(target, outside, 'x'), 'utf8'), 'evil');
    assert.ok((await lstat(path.join(target, 'a'))).isSymbolicLink());
  });

  it('leaves nothing when it fails', async () => {
    const stack = await stackOf([[file('a')]]);
    const target = path.join(directory, 'taken');
    await writeFile(target, 'in the way');
    await assert.rejects(unpack(stack, target));
    const left = (await readdir(directory)).filter((name) => name.startsWith('taken.'));
    assert.deepEqual(left, []);
  });
});

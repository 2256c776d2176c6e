import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { paxRecord, tarBlock } from '../../../tests/registry/tar-block.ts';
import { LayerBudget, type LayerLimits } from './layer-budget.ts';
import { tarEntries } from './tar-entries.ts';

interface Read {
  readonly name: string;
  readonly type: string;
  readonly linkname: string;
  readonly content: string;
}

/** What is in an archive that comes in chunks of so many bytes. */
async function read(archive: Buffer, limits: LayerLimits = {}, chunkBytes = 700): Promise<Read[]> {
  async function* chunks() {
    for (let i = 0; i < archive.length; i += chunkBytes) yield archive.subarray(i, i + chunkBytes);
  }
  const budget = new LayerBudget(limits);
  budget.enter('/store/layer');
  const found: Read[] = [];
  for await (const { header, chunks: content } of tarEntries(chunks(), budget)) {
    const { name, type, linkname } = header;
    found.push({ name, type, linkname, content: await text(content) });
  }
  return found;
}

const end = Buffer.alloc(1024);
const names = async (...blocks: Buffer[]) =>
  (await read(Buffer.concat([...blocks, end]))).map(({ name }) => name);

describe('tarEntries', () => {
  for (const format of ['gnu', 'oldgnu', 'pax', 'ustar']) {
    it(`reads what tar writes in the format ${format}`, async (t) => {
      const folder = mkdtempSync(path.join(os.tmpdir(), 'tar-'));
      t.after(() => rmSync(folder, { recursive: true }));
      const long = format === 'ustar' ? 'short' : 'ü'.repeat(120);
      mkdirSync(path.join(folder, 'd'));
      writeFileSync(path.join(folder, 'd', long), 'x'.repeat(1000));
      symlinkSync(long, path.join(folder, 'link'));
      const archive = execFileSync('tar', [`--format=${format}`, '-c', 'd', 'link'], {
        cwd: folder,
      });
      assert.deepEqual(await read(archive), [
        { name: 'd/', type: 'directory', linkname: '', content: '' },
        { name: `d/${long}`, type: 'file', linkname: '', content: 'x'.repeat(1000) },
        { name: 'link', type: 'symlink', linkname: long, content: '' },
      ]);
    });
  }

  it('ends at the zeros, whatever is behind them', async () => {
    assert.deepEqual(await names(tarBlock('0', 'a'), end, tarBlock('0', 'b')), ['a']);
  });

  it('passes over what is not read', async () => {
    const archive = Buffer.concat([tarBlock('0', 'a', 'x'.repeat(2000)), tarBlock('0', 'b'), end]);
    const found: string[] = [];
    for await (const { header } of tarEntries(chunksOf(archive), new LayerBudget())) {
      found.push(header.name);
    }
    assert.deepEqual(found, ['a', 'b']);
  });

  it('takes the size of a large file from its extended header, and that of a link from nobody', async () => {
    const size = tarBlock('x', '', paxRecord('size', '3'));
    const data = Buffer.concat([Buffer.from('abc'), Buffer.alloc(509)]);
    const archive = Buffer.concat([size, tarBlock('0', 'a'), data, size, tarBlock('1', 'b'), end]);
    assert.deepEqual(
      (await read(archive)).map(({ name, content }) => [name, content]),
      [
        ['a', 'abc'],
        ['b', ''],
      ],
    );
  });

  it('takes an old name that ends in a slash for a directory', async () => {
    const [entry] = await read(Buffer.concat([tarBlock('\0', 'd/'), end]));
    assert.equal(entry?.type, 'directory');
  });

  it('takes nothing from global headers, however long: git has its comment there', async () => {
    const comment = paxRecord('comment', '0'.repeat(40));
    const records = paxRecord('path', 'evil') + paxRecord('a', 'b').repeat(900_000);
    const longer = tarBlock('x', '', paxRecord('mtime', '1'));
    assert.deepEqual(
      await names(
        tarBlock('g', 'pax_global_header', comment),
        tarBlock('0', 'a'),
        tarBlock('g', '', records),
        longer,
        tarBlock('0', 'b'),
      ),
      ['a', 'b'],
    );
  });

  for (const [title, blocks, message] of [
    ['records without an end', [tarBlock('x', '', '12 path=a')], /header is malformed/],
    ['a record that is shorter than it says', [tarBlock('x', '', '999 path=a\n')], /is malformed/],
    ['a record without a value', [tarBlock('x', '', '7 path\n')], /is malformed/],
    ['a negative size', [tarBlock('x', '', paxRecord('size', '-1'))], /has '-1' bytes/],
    ['headers without an entry', Array(9).fill(tarBlock('g', '')), /more than 8 headers/],
    ['half a header', [tarBlock('0', 'a').subarray(0, 300)], /ends within an entry/],
  ] as const) {
    it(`refuses ${title}`, async () => {
      const archive = Buffer.concat([...blocks]);
      await assert.rejects(read(archive), { name: 'MalformedArchive', message });
    });
  }

  it('refuses a header of more than a mebibyte', async () => {
    await assert.rejects(read(tarBlock('L', '', Buffer.alloc(1024 ** 2 + 1, 'a'))), {
      code: 'TooLarge',
      message: /unpack layer '\/store\/layer': .* has 1048577 bytes, 1048576 are allowed: give/,
    });
  });

  for (const [title, block] of [
    ['names', tarBlock('0', 'a'.repeat(90))],
    ['targets', Buffer.concat([tarBlock('K', '', 'a'.repeat(90)), tarBlock('2', 'b')])],
    [
      'attributes',
      Buffer.concat([tarBlock('x', '', paxRecord('a', 'b'.repeat(90))), tarBlock('0', 'b')]),
    ],
  ] as const) {
    it(`refuses more ${title} than allowed`, async () => {
      const few = Buffer.concat([...Array(4).fill(block), end]);
      const many = Buffer.concat([...Array(50).fill(block), end]);
      assert.equal((await read(few, { maxNameBytes: 1000 })).length, 4);
      await assert.rejects(read(many, { maxNameBytes: 1000 }), {
        code: 'TooLarge',
        message: /'\/store\/layer'.*more than the 1000 bytes of names and links allowed: put less/,
      });
    });
  }
});

async function* chunksOf(archive: Buffer) {
  yield archive;
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { constants, createDeflate } from 'node:zlib';
import { decodeHeaderBlock, encodeHeaderBlock } from './header-block.ts';
import { HeaderCompressor, HeaderDecompressor } from './header-compression.ts';
import { headerDictionary } from './header-dictionary.ts';
import { SpdyError } from './spdy-error.ts';

/** A peer that deflates with the dictionary, as browsers and Go do. */
async function deflateWithDictionary(blocks: readonly Buffer[]): Promise<Buffer[]> {
  const deflate = createDeflate({ dictionary: headerDictionary });
  const compressed: Buffer[] = [];
  for (const block of blocks) {
    const parts: Buffer[] = [];
    const collect = (part: Buffer) => parts.push(part);
    deflate.on('data', collect);
    deflate.write(block);
    await new Promise<void>((resolve) => deflate.flush(constants.Z_SYNC_FLUSH, resolve));
    deflate.off('data', collect);
    compressed.push(Buffer.concat(parts));
  }
  deflate.destroy();
  return compressed;
}

describe('headerDictionary', () => {
  it('is the one of the draft', () => {
    assert.equal(headerDictionary.length, 1423);
    assert.equal(headerDictionary.subarray(0, 11).toString('latin1'), '\0\0\0\u0007options');
  });
});

describe('HeaderCompressor', () => {
  it('writes what the decompressor reads, block after block', async () => {
    const compressor = new HeaderCompressor();
    using decompressor = new HeaderDecompressor();
    for (const value of ['stdin', 'x'.repeat(10_000), '']) {
      const headers = new Map([['streamtype', [value]]]);
      const bytes = compressor.compress(encodeHeaderBlock(headers));
      assert.deepEqual(decodeHeaderBlock(await decompressor.decompress(bytes)), headers);
    }
  });
});

describe('HeaderDecompressor', () => {
  it('reads blocks deflated with the dictionary', async () => {
    const blocks = ['error', 'stdout', 'error'].map((type) =>
      encodeHeaderBlock(new Map([['streamtype', [type]]])),
    );
    using decompressor = new HeaderDecompressor();
    for (const [index, bytes] of (await deflateWithDictionary(blocks)).entries()) {
      assert.deepEqual(await decompressor.decompress(bytes), blocks[index]);
    }
  });

  it('stops at a block that inflates to too much', async () => {
    const [bomb] = await deflateWithDictionary([Buffer.alloc(1 << 24)]);
    assert.ok(bomb && bomb.length < 64 * 1024);
    using decompressor = new HeaderDecompressor();
    await assert.rejects(decompressor.decompress(bomb), SpdyError);
  });
});

describe('decodeHeaderBlock', () => {
  const wrong: readonly [string, string][] = [
    ['torn count', '0000'],
    ['count without headers', '00000001'],
    ['huge count', 'ffffffff'],
    ['length past the end', '00000001000000ff61'],
    ['upper-case name', '00000001000000014100000000'],
    ['empty name', '000000010000000000000000'],
    ['bytes after the end', '0000000000'],
    ['repeated name', `00000002${'000000016100000000'.repeat(2)}`],
  ];
  for (const [what, hex] of wrong) {
    it(`refuses a block with ${what}`, () => {
      assert.throws(() => decodeHeaderBlock(Buffer.from(hex, 'hex')), SpdyError);
    });
  }
});

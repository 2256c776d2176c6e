import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pageMargin } from '../rewrite/page-marks.ts';
import { MemorySnapshot, pageSize } from './memory-snapshot.ts';

const pages = 5;

/** A memory with something in its second and last page. */
function memory(): Buffer {
  const bytes = Buffer.alloc(pages * pageSize);
  bytes.fill('second', pageSize + 10, pageSize + 100);
  bytes[bytes.length - 1] = 1;
  return bytes;
}

describe('MemorySnapshot', () => {
  it('is of a memory with the same contents and size, and of no other', () => {
    const snapshot = new MemorySnapshot(memory());
    assert.ok(snapshot.isOf(memory()));
    assert.ok(!snapshot.isOf(Buffer.concat([memory(), Buffer.alloc(pageSize)])));
    for (let page = 0; page < pages; page++) {
      const other = memory();
      other[page * pageSize + 77] = 200;
      assert.ok(!snapshot.isOf(other), `page ${page}`);
    }
  });

  it('restores every page with its margins, and nothing beside them', () => {
    const snapshot = new MemorySnapshot(memory());
    for (let page = 0; page < pages; page++) {
      const bytes = Buffer.alloc(pages * pageSize, 7);
      snapshot.restore(bytes, page);
      const start = Math.max(0, page * pageSize - pageMargin);
      const end = (page + 1) * pageSize + pageMargin;
      assert.ok(bytes.subarray(start, end).equals(memory().subarray(start, end)), `page ${page}`);
      assert.ok(bytes.subarray(0, start).every((byte) => byte === 7));
      assert.ok(bytes.subarray(end).every((byte) => byte === 7));
    }
  });

  it('makes zero what has grown since, beside what was there', () => {
    const snapshot = new MemorySnapshot(memory());
    const bytes = Buffer.alloc((pages + 3) * pageSize, 7);
    const end = pages * pageSize;
    for (const page of [pages, pages + 1]) {
      snapshot.restore(bytes, page);
      assert.ok(bytes.subarray(end - pageMargin, end).equals(memory().subarray(-pageMargin)));
      const restored = bytes.subarray(end, (page + 1) * pageSize + pageMargin);
      assert.ok(restored.every((byte) => byte === 0));
    }
    const last = Buffer.alloc((pages + 1) * pageSize, 7);
    snapshot.restore(last, pages - 1);
    assert.ok(last.subarray(end, end + pageMargin).every((byte) => byte === 0));
    assert.equal(last[end + pageMargin], 7);
  });
});

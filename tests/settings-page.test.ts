import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { documented } from '../scripts/document-settings.ts';

describe('docs/node.md', () => {
  it('has every setting as it is: else run `node scripts/document-settings.ts`', () => {
    const page = readFileSync(path.resolve(import.meta.dirname, '..', 'docs/node.md'), 'utf8');
    assert.equal(page, documented(page));
  });
});

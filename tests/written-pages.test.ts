import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { documented } from '../scripts/document-settings.ts';
import { withStates } from '../scripts/document-states.ts';

describe('docs/node.md', () => {
  it('has every setting as it is: else run `node scripts/document-settings.ts`', () => {
    const page = read('docs/node.md');
    assert.equal(page, documented(page));
  });
});

describe('ARCHITECTURE.md', () => {
  it('has every state as it is: else run `node scripts/document-states.ts`', () => {
    const page = read('ARCHITECTURE.md');
    assert.equal(page, withStates(page));
  });
});

function read(page: string): string {
  return readFileSync(path.resolve(import.meta.dirname, '..', page), 'utf8');
}

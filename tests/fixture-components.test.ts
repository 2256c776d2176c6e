import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';

const fixtures = path.resolve(import.meta.dirname, 'fixtures/components');

/** The parts of build.sh whose results do not depend on the compiler's release, and their tools. */
const parts: Readonly<Record<string, readonly string[]>> = {
  wat: ['wasm-tools'],
  compositions: ['wasm-tools', 'wac'],
};

describe('the committed test components', () => {
  for (const [part, tools] of Object.entries(parts)) {
    const missing = tools.filter((tool) => spawnSync(tool, ['--version']).status !== 0);
    const skip = missing.length > 0 && `not on the PATH: ${missing.join(', ')}`;
    it(`are what build.sh makes of their sources, part '${part}'`, { skip }, () => {
      const built = mkdtempSync(path.join(tmpdir(), 'krustlet-fixtures-'));
      try {
        execFileSync('sh', [path.join(fixtures, 'build.sh'), built, part], { stdio: 'pipe' });
        const names = readdirSync(built);
        assert.ok(names.length > 0);
        for (const name of names) {
          const isSame = stripped(path.join(built, name)).equals(
            stripped(path.join(fixtures, name)),
          );
          assert.ok(isSame, `${name} is another than what its sources make`);
        }
      } finally {
        rmSync(built, { recursive: true });
      }
    });
  }
});

/** A component without what only says which tools made it. */
function stripped(file: string): Buffer {
  return execFileSync('wasm-tools', ['strip', '--all', file]);
}

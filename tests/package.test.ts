import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';

const root = path.resolve(import.meta.dirname, '..');

describe('the npm package', () => {
  let folder: string;
  const krustlet = (...args: string[]) =>
    execFileSync(path.join(folder, 'node_modules', '.bin', 'krustlet'), args, {
      cwd: folder,
      env: { ...process.env, KRUSTLET_DATA_DIR: path.join(folder, 'data') },
      encoding: 'utf8',
    });

  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'krustlet-package-'));
    npm(root, 'pack', '--silent', '--pack-destination', folder);
    const [archive = ''] = readdirSync(folder);
    npm(folder, 'init', '--yes');
    npm(
      folder,
      'install',
      '--prefer-offline',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      `./${archive}`,
    );
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('holds what was built, the examples and no sources or tests', () => {
    const installed = path.join(folder, 'node_modules', 'krustlet');
    const names = readdirSync(installed, { recursive: true, encoding: 'utf8' });
    assert.ok(names.includes('dist/krustlet/main.js'));
    assert.ok(names.includes('examples/modules/hello.wasm'));
    assert.deepEqual(
      names.filter((name) => name.startsWith('src') || /\.test\.[jt]s$/.test(name)),
      [],
    );
  });

  it('runs a module where it is installed', () => {
    const module = path.join(root, 'examples', 'modules', 'hello.wasm');
    assert.match(krustlet('run', '--rm', module, '--', 'Ada'), /^Hello, Ada!\n/);
  });
});

function npm(cwd: string, ...args: string[]): void {
  execFileSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}

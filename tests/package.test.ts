import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort } from './support/free-port.ts';

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
    assert.ok(names.includes('dist/mod.d.ts'));
    assert.ok(names.includes('examples/modules/hello.wasm'));
    assert.deepEqual(
      names.filter((name) => name.startsWith('src') || /\.test\.[jt]s$/.test(name)),
      [],
    );
  });

  it('merges its files, so that a process loads few', () => {
    const dist = path.join(folder, 'node_modules', 'krustlet', 'dist');
    const scripts = globSync('**/*.js', { cwd: dist });
    const sources = globSync('src/**/*.ts', { cwd: root });
    assert.ok(scripts.length < sources.length / 4, `${scripts.length} of ${sources.length}`);
  });

  for (const form of ['fork', 'exec']) {
    it(`runs a module where it is installed, ${form} form`, () => {
      const module = path.join(root, 'examples', 'modules', 'hello.wasm');
      const command = ['run', '--rm', '--container-start', form, module, '--', 'Ada'];
      assert.match(krustlet(...command), /^Hello, Ada!\n/);
    });

    it(`serves HTTP by a component, and executes a command in it, ${form} form`, async () => {
      const component = path.join(root, 'examples', 'components', 'greeting.wasm');
      const port = await freePort();
      const name = `greeting-${form}`;
      const options = ['--detach', '--name', name, '--publish', `${port}`, '--env', 'PLACE=here'];
      krustlet('run', ...options, '--container-start', form, component);
      try {
        const response = await fetch(`http://127.0.0.1:${port}/`);
        assert.equal(response.status, 200);
        assert.match(krustlet('exec', name, 'env'), /^PLACE=here$/m);
      } finally {
        krustlet('rm', '--force', name);
      }
    });
  }
});

function npm(cwd: string, ...args: string[]): void {
  execFileSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}

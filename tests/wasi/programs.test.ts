import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

const root = path.resolve(import.meta.dirname, '..', '..');
const fixtures = path.join(root, 'tests', 'fixtures', 'programs');
const runner = path.join(root, 'scripts', 'run-preview1.ts');
const esbuild = path.join(root, 'node_modules', '@esbuild', 'wasi-preview1', 'esbuild.wasm');

interface Output {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(command: string, args: readonly string[], init: object = {}): Output {
  const timeout = 120_000;
  return spawnSync(command, args, { encoding: 'utf8', timeout, ...init });
}

function runModule(module: string, options: readonly string[], args: string[], input = ''): Output {
  const command = ['--disable-warning=ExperimentalWarning', runner, ...options, '--', module];
  return run(process.execPath, [...command, ...args], { input });
}

function withDirectory(use: (directory: string) => void): void {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-programs-'));
  try {
    use(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Why a test of a compiled program is left out. */
function missing(program: string, args: readonly string[], expected: RegExp): string | false {
  const { stdout } = run(program, args);
  return expected.test(stdout ?? '') ? false : `needs ${program} that compiles to WASI`;
}

for (const system of ['native', 'portable']) {
  describe(`programs on the ${system} system`, () => {
    it('esbuild bundles a package from a mounted folder', () => {
      withDirectory((directory) => {
        const from = path.join(root, 'node_modules', 'valibot');
        cpSync(from, path.join(directory, 'node_modules', 'valibot'), { recursive: true });
        writeFileSync(
          path.join(directory, 'main.mjs'),
          "import { parse, string } from 'valibot'; export const parsed = parse(string(), 'x');",
        );
        const result = runModule(
          esbuild,
          ['--system', system, '--dir', `${directory}::/`, '--env', 'PWD=/'],
          ['/main.mjs', '--bundle', '--format=esm', '--outfile=/out/bundle.mjs'],
        );
        assert.equal(result.status, 0, result.stderr);
        const bundle = path.join(directory, 'out', 'bundle.mjs');
        const code = `import { parsed } from ${JSON.stringify(pathToFileURL(bundle))}; console.log(parsed)`;
        const used = run(process.execPath, ['--input-type=module', '--eval', code]);
        assert.equal(used.stdout, 'x\n', used.stderr);
      });
    });

    it('Go walks and hashes a tree as natively', {
      skip: missing('go', ['tool', 'dist', 'list'], /wasip1\/wasm/),
    }, () => {
      withDirectory((directory) => {
        const source = path.join(fixtures, 'tree-hash.go');
        const module = path.join(directory, 'tree-hash.wasm');
        const native = path.join(directory, 'tree-hash');
        const env = { ...process.env, GOOS: 'wasip1', GOARCH: 'wasm' };
        assert.equal(run('go', ['build', '-o', module, source], { env }).status, 0);
        assert.equal(run('go', ['build', '-o', native, source]).status, 0);
        const [tree, out] = [path.join(root, 'src', 'wasi'), path.join(directory, 'out')];
        mkdirSync(out);
        const expected = run(native, [tree, out], { env: { GREETING: 'hello' } });
        const report = readFileSync(path.join(out, 'report'));
        rmSync(path.join(out, 'report'));
        const mounts = ['--dir', `${tree}::${tree}:ro`, '--dir', `${out}::${out}`];
        const options = ['--system', system, ...mounts, '--env', 'GREETING=hello'];
        assertSame(runModule(module, options, [tree, out]), expected);
        assert.deepEqual(readFileSync(path.join(out, 'report')), report);
      });
    });

    it('Rust handles files as natively', {
      skip: missing('rustup', ['target', 'list', '--installed'], /wasm32-wasip1/),
    }, () => {
      withDirectory((directory) => {
        const source = path.join(fixtures, 'files.rs');
        const module = path.join(directory, 'files.wasm');
        const native = path.join(directory, 'files');
        // The PATH may have another compiler first, without the target.
        const rustc = run('rustup', ['which', 'rustc']).stdout.trim();
        assert.equal(run(rustc, ['--target', 'wasm32-wasip1', '-o', module, source]).status, 0);
        assert.equal(run(rustc, ['-o', native, source]).status, 0);
        const data = path.join(directory, 'data');
        mkdirSync(data);
        const input = 'one\ntwo\n';
        const expected = run(native, [data], { input });
        const options = ['--system', system, '--dir', `${data}::${data}`];
        assertSame(runModule(module, options, [data], input), expected);
      });
    });
  });
}

function assertSame(actual: Output, expected: Output): void {
  const outcome = ({ status, stdout, stderr }: Output) => ({ status, stdout, stderr });
  assert.deepEqual(outcome(actual), outcome(expected));
}

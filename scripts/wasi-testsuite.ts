/**
 * Runs the preview1 tests of WebAssembly/wasi-testsuite, as its doc/specification.md says, each in
 * a process of its own and on a fresh copy of its directory:
 *
 *     npm run test:wasi-testsuite -- DIRECTORY [--system native|portable] [--filter TEXT]
 *
 * DIRECTORY is a checkout of the suite's branch prod/testsuite-base, which has the tests as modules.
 */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';

interface Specification {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly root?: string;
  readonly stdin?: string;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly exitCode: number;
}

const timeLimit = 30_000;
const runner = path.join(import.meta.dirname, 'run-preview1.ts');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    system: { type: 'string', default: 'native' },
    filter: { type: 'string', default: '' },
  },
});

const [suite] = positionals;
if (suite === undefined) throw new Error('Cannot run the suite: name its directory');
process.exitCode = (await runAll(suite)) ? 0 : 1;

async function runAll(directory: string): Promise<boolean> {
  const modules = globSync('tests/*/testsuite/wasm32-wasip1/*.wasm', { cwd: directory })
    .filter((file) => file.includes(values.filter))
    .sort();
  if (modules.length === 0) throw new Error(`Cannot find preview1 tests in '${directory}'`);
  let failed = 0;
  for (const file of modules) {
    const failure = await runOne(path.join(directory, file));
    const name = path.basename(file, '.wasm');
    const language = file.split(path.sep)[1];
    console.log(`${failure === undefined ? 'ok    ' : 'FAILED'} ${language}/${name}`);
    if (failure !== undefined) console.log(failure.replace(/^/gm, '       '));
    if (failure !== undefined) failed += 1;
  }
  console.log(
    `${modules.length - failed} of ${modules.length} pass on the ${values.system} system`,
  );
  return failed === 0;
}

/** @returns what is not as specified, or nothing */
async function runOne(module: string): Promise<string | undefined> {
  const specification = readSpecification(module);
  const directory = mkdtempSync(path.join(tmpdir(), 'wasi-testsuite-'));
  try {
    const { root } = specification;
    if (root !== undefined) {
      cpSync(path.join(path.dirname(module), root), directory, { recursive: true });
    }
    return await execute(module, specification, root === undefined ? undefined : directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function execute(
  module: string,
  specification: Specification,
  root: string | undefined,
): Promise<string | undefined> {
  const { args, env, exitCode, stdin = '' } = specification;
  const directories = root === undefined ? [] : ['--dir', `${root}::/`];
  const variables = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  const system = ['--system', values.system];
  const command = [...system, ...directories, ...variables, '--', module, ...args];
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', runner, ...command],
    { stdio: 'pipe', timeout: timeLimit, env: {} },
  );
  child.stdin.end(stdin);
  const ended = new Promise<number | string>((resolve) => {
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'no exit code'));
  });
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  const wrong = [
    compare('exit code', exitCode, code),
    compare('stdout', specification.stdout, stdout),
    compare('stderr', specification.stderr, stderr),
  ].filter((line) => line !== undefined);
  return wrong.length === 0 ? undefined : [...wrong, stderr.trimEnd()].join('\n');
}

function compare(
  what: string,
  expected: number | string | undefined,
  actual: number | string,
): string | undefined {
  if (expected === undefined || expected === actual) return undefined;
  return `${what}: expected ${JSON.stringify(expected)}, got ${JSON.stringify(actual)}`;
}

function readSpecification(module: string): Specification {
  const file = module.replace(/\.wasm$/, '.json');
  const json: unknown = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const fields = Object.entries(json ?? {});
  const known = ['args', 'env', 'root', 'dirs', 'stdin', 'stdout', 'stderr', 'exit_code'];
  const unknown = fields.find(([name]) => !known.includes(name));
  if (unknown) throw new Error(`Cannot read '${file}': field '${unknown[0]}' is not known`);
  const {
    args = [],
    env = {},
    root,
    dirs,
    exit_code: exitCode = 0,
    ...streams
  } = Object.fromEntries(fields);
  return { args, env, root: root ?? dirs?.[0], exitCode, ...streams };
}

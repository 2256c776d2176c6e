/**
 * Runs the tests of WebAssembly/wasi-testsuite for preview1 and for WASI 0.3, as its
 * doc/specification.md says, each in a process of its own and on a fresh copy of its directory:
 *
 *     npm run test:wasi-testsuite -- DIRECTORY [--system native|portable] [--filter TEXT]
 *
 * DIRECTORY is a checkout of the suite's branch prod/testsuite-base, which has the tests as modules
 * and components. The system is preview1's; components have the native one.
 */
import { cpSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { EndpointServer } from './wasi-testsuite/endpoint-server.ts';
import { knownFailures } from './wasi-testsuite/known-failures.ts';
import { RunningTest } from './wasi-testsuite/running-test.ts';
import { readSpecification, type Specification } from './wasi-testsuite/specification.ts';

const timeLimit = 30_000;
const closedAddress = '127.0.0.1:1';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    system: { type: 'string', default: 'native' },
    filter: { type: 'string', default: '' },
  },
});

const [suite] = positionals;
if (suite === undefined) throw new Error('Cannot run the suite: name its directory');
const preview1 = await runAll(suite, 'wasm32-wasip1');
const preview3 = await runAll(suite, 'wasm32-wasip3');
process.exitCode = preview1 && preview3 ? 0 : 1;

/** @returns whether every test does as it is expected to */
async function runAll(directory: string, target: string): Promise<boolean> {
  const modules = globSync(`tests/*/testsuite/${target}/*.wasm`, { cwd: directory })
    .filter((file) => file.includes(values.filter))
    .sort();
  if (modules.length === 0 && values.filter === '') {
    throw new Error(`Cannot find tests for ${target} in '${directory}'`);
  }
  const counts = { passed: 0, known: 0, surprises: 0 };
  for (const file of modules) {
    const name = `${file.split(path.sep)[1]}/${path.basename(file, '.wasm')}`;
    const failure = await runOne(path.join(directory, file), target);
    const reason = knownFailures[name];
    if (failure === undefined) counts.passed += 1;
    if (failure !== undefined && reason !== undefined) counts.known += 1;
    if ((failure === undefined) !== (reason === undefined)) counts.surprises += 1;
    report(name, failure, reason);
  }
  console.log(
    `${counts.passed} of ${modules.length} pass for ${target}, ${counts.known} known not to`,
  );
  return counts.surprises === 0;
}

function report(name: string, failure: string | undefined, reason: string | undefined): void {
  if (failure === undefined) {
    console.log(reason === undefined ? `ok     ${name}` : `PASSES ${name}, which is known not to`);
  } else if (reason === undefined) {
    console.log(`FAILED ${name}\n${failure.replace(/^/gm, '       ')}`);
  } else {
    console.log(`known  ${name}: ${reason}`);
  }
}

/** @returns what is not as specified, or nothing */
async function runOne(module: string, target: string): Promise<string | undefined> {
  const specification = readSpecification(module);
  await using servers = new AsyncDisposableStack();
  const env = { ...specification.env, ...(await startServers(specification, servers)) };
  const directory = mkdtempSync(path.join(tmpdir(), 'wasi-testsuite-'));
  servers.defer(() => rmSync(directory, { recursive: true }));
  const { root } = specification;
  if (root !== undefined) {
    cpSync(path.join(path.dirname(module), root), directory, { recursive: true });
  }
  const mounts = root === undefined ? [] : ['--dir', `${directory}::/`];
  const variables = Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  const command = [...runnerFor(target), ...mounts, ...variables, '--', module];
  return await execute([...command, ...specification.args], specification);
}

function runnerFor(target: string): string[] {
  const script = (name: string) => path.join(import.meta.dirname, name);
  if (target === 'wasm32-wasip3') return [script('run-component.ts')];
  return [script('run-preview1.ts'), '--system', values.system];
}

/** @returns the variables that tell a test where its servers are */
async function startServers(
  { servers }: Specification,
  stack: AsyncDisposableStack,
): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const server of servers) {
    const address =
      server.kind === 'closed'
        ? closedAddress
        : await stack.use(new EndpointServer(server)).listen();
    variables[`HTTP_SERVER_${server.name.toUpperCase()}`] = address;
  }
  return variables;
}

async function execute(
  command: readonly string[],
  { operations }: Specification,
): Promise<string | undefined> {
  using running = new RunningTest(command, { signal: AbortSignal.timeout(timeLimit) });
  try {
    for (const operation of operations) await running.perform(operation);
    return undefined;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    return `${message}\n${running.complaints.trimEnd()}`;
  }
}

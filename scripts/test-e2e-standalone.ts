/**
 * Joins a node to a cluster, runs the end-to-end tests on it, and ends it:
 * `npm run test:e2e-standalone -- [flags of node --test]`. The cluster is the one of KUBECONFIG,
 * else one that is started here and ended again. Where a test fails, what it and the node have said
 * is kept in oneclick-logs. Exit codes: 0 passed, 1 failed, 2 needs cleaning up by hand, 3 not built.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { loadKubeconfig } from '../src/kubernetes/kubeconfig/load-kubeconfig.ts';
import { ControlPlane } from '../tests/cluster/control-plane.ts';
import { skipWithout, toolNames } from '../tests/cluster/tools.ts';
import { CleanUpNeededError, JoinedNode } from '../tests/e2e/joined-node.ts';

const exitCodes = { passed: 0, failed: 1, cleanUpNeeded: 2, notBuilt: 3 } as const;

/** As Krustlet 1 names it; its logs, too. */
const defaultNodeName = 'krustlet-wasi';
const logs = 'oneclick-logs';

const root = path.resolve(import.meta.dirname, '..');
const longest = 600_000;

process.exitCode = await main(process.argv.slice(2));

async function main(flags: readonly string[]): Promise<number> {
  if (!isBuilt()) return exitCodes.notBuilt;
  try {
    await using stack = new AsyncDisposableStack();
    const cluster = await findCluster(stack);
    const name = process.env.KRUSTLET_NODE_NAME ?? defaultNodeName;
    const node = stack.use(
      await JoinedNode.start({
        access: await loadKubeconfig(cluster.kubeconfig),
        name,
        flags: cluster.nodeFlags,
      }),
    );
    console.log(`Node '${name}' is Ready`);
    return await runTests({ node, name, kubeconfig: cluster.kubeconfig, flags });
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return error instanceof CleanUpNeededError ? exitCodes.cleanUpNeeded : exitCodes.failed;
  }
}

/** Modules for the tests and, where there is no cluster, the programs of one. */
function isBuilt(): boolean {
  const builds = [
    ['build-examples.ts'],
    ['build-test-tools.ts', ...(process.env.KUBECONFIG ? ['registry'] : [])],
  ];
  const isDone = builds.every(([script = '', ...args]) => {
    const command = [path.join(import.meta.dirname, script), ...args];
    return spawnSync(process.execPath, command, { stdio: 'inherit' }).status === 0;
  });
  const missing = process.env.KUBECONFIG ? false : skipWithout(...toolNames);
  if (missing) console.error(`Cannot start a cluster, and KUBECONFIG names none: ${missing}`);
  return isDone && !missing;
}

interface Cluster {
  /** File with an administrator's rights. */
  readonly kubeconfig: string;
  readonly nodeFlags: readonly string[];
}

async function findCluster(stack: AsyncDisposableStack): Promise<Cluster> {
  const { KUBECONFIG, KRUSTLET_NODE_IP } = process.env;
  if (KUBECONFIG) {
    const nodeFlags = KRUSTLET_NODE_IP ? [`--addr=0.0.0.0`, `--node-ip=${KRUSTLET_NODE_IP}`] : [];
    return { kubeconfig: KUBECONFIG, nodeFlags };
  }
  console.log('KUBECONFIG names no cluster: starting one');
  const controlPlane = stack.use(await ControlPlane.start());
  const { identity } = controlPlane.adminAccess;
  // Addresses that are this machine's own anyway, so that no route is left behind.
  const nodeFlags = ['--pod-cidr=127.64.0.0/16'];
  return { kubeconfig: controlPlane.writeKubeconfig('admin', identity), nodeFlags };
}

interface TestRun {
  readonly node: JoinedNode;
  readonly name: string;
  readonly kubeconfig: string;
  /** Of `node --test`. */
  readonly flags: readonly string[];
}

async function runTests({ node, name, kubeconfig, flags }: TestRun): Promise<number> {
  const test = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', '--test', ...flags, 'tests/e2e/*.test.ts'],
    {
      cwd: root,
      env: { ...process.env, KUBECONFIG: path.resolve(kubeconfig), KRUSTLET_E2E_NODE: name },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: longest,
    },
  );
  let said = '';
  test.stdout.setEncoding('utf8').on('data', (text) => {
    said += text;
    process.stdout.write(text);
  });
  const [code] = await once(test, 'close');
  if (code === 0 && node.isRunning) return exitCodes.passed;
  if (!node.isRunning) console.error(`Node '${name}' has ended before its time`);
  keepLogs({ [`${name}.log`]: node.log, 'integration_tests.stdout': said });
  return exitCodes.failed;
}

function keepLogs(files: Readonly<Record<string, string>>): void {
  mkdirSync(logs, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(logs, name), text);
  console.error(`What the node and the tests said is in ${path.resolve(logs)}`);
}

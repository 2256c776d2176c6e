/**
 * A Kubernetes control plane on this machine to develop against, and one node of it:
 * `npm run dev:cluster`. Prints the KUBECONFIG; Ctrl-C ends everything and leaves nothing behind.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { pods as podResource } from '../src/kubelet/cluster/core-resources.ts';
import { unlessMissing } from '../src/kubelet/cluster/unless-missing.ts';
import { LocalNetworkError } from '../src/kubelet/network/ip-command.ts';
import { addLocalRoute, removeLocalRoute } from '../src/kubelet/network/local-route.ts';
import { ApiClient } from '../src/kubernetes/api/api-client.ts';
import { ApiConnection } from '../src/kubernetes/connection/api-connection.ts';
import { formatKubeconfig } from '../src/kubernetes/kubeconfig/format-kubeconfig.ts';
import { nodes } from '../src/kubernetes/resources/node.ts';
import { ControlPlane } from '../tests/cluster/control-plane.ts';
import { approveServing } from '../tests/cluster/server/serving-approver.ts';
import { skipWithout, toolNames, toolPath } from '../tests/cluster/tools.ts';
import { isReady } from '../tests/e2e/e2e-target.ts';
import { freePorts } from '../tests/support/free-port.ts';

const root = path.resolve(import.meta.dirname, '..');
const nodeName = 'wasm-1';
/** What the cluster gives its first node. */
const podCidr = '10.244.0.0/24';

await main();

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'no-node': { type: 'boolean', default: false } } });
  const reason = skipWithout(...toolNames);
  if (reason) throw new Error(`Cannot start a cluster: ${reason}`);
  const stopped = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopped.resolve());
  await using stack = new AsyncDisposableStack();
  const controlPlane = stack.use(await ControlPlane.start());
  const kubeconfig = controlPlane.writeKubeconfig('admin', controlPlane.adminAccess.identity);
  applyManifests(kubeconfig);
  if (!values['no-node']) await joinNode(controlPlane, stack);
  explain(controlPlane, kubeconfig);
  await stopped.promise;
}

/** RBAC and RuntimeClasses, as an administrator applies them. */
function applyManifests(kubeconfig: string): void {
  const flags = ['--kubeconfig', kubeconfig, 'apply', '--filename', path.join(root, 'deploy')];
  const { status, stderr } = spawnSync(toolPath('kubectl'), flags, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Cannot apply deploy/: ${stderr}`);
}

/** Adds a node that is Ready, and that ends with its pods before the control plane does. */
async function joinNode(controlPlane: ControlPlane, stack: AsyncDisposableStack): Promise<void> {
  const connection = stack.use(new ApiConnection(controlPlane.adminAccess));
  const client = new ApiClient({ connection });
  approveForever(client, stack);
  const node = await startNode(controlPlane, await podCidrFlags(stack));
  stack.defer(() => endNode(controlPlane, client, node));
  const isJoined = async () => (await client.list(nodes)).items.some(isReady);
  while (!(await isJoined())) {
    if (node.exitCode !== null) throw new Error(`Node '${nodeName}' has ended: see above`);
    await sleep(100);
  }
}

/** As an approver in a real cluster does it. */
function approveForever(client: ApiClient, stack: AsyncDisposableStack): void {
  const ending = new AbortController();
  const { signal } = ending;
  const approving = approveServing(client, { signal, interval: 1_000 });
  stack.defer(async () => {
    ending.abort();
    await approving;
  });
}

/**
 * Pods get their addresses from the cluster where this user may make them the machine's own. Else
 * they get loopback addresses, which no Service has among its endpoints.
 */
async function podCidrFlags(
  stack: AsyncDisposableStack,
): Promise<Readonly<Record<string, string>>> {
  try {
    await addLocalRoute(podCidr);
  } catch (error) {
    if (!(error instanceof LocalNetworkError)) throw error;
    console.log(`Pods get loopback addresses, and Services no endpoints: ${error.message}`);
    return { 'pod-cidr': '127.64.0.0/16' };
  }
  stack.defer(() => removeLocalRoute(podCidr));
  return {};
}

/** Starts a node in a process of its own, which joins by the bootstrap token. */
async function startNode(
  controlPlane: ControlPlane,
  flagsOfPods: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const [port, healthzPort] = await freePorts('127.0.0.1', 2);
  const directory = path.join(controlPlane.directory, nodeName);
  const settings = {
    'node-name': nodeName,
    hostname: nodeName,
    'node-ip': '127.0.0.1',
    'data-dir': directory,
    kubeconfig: path.join(directory, 'config', 'kubeconfig'),
    'bootstrap-file': writeBootstrapFile(controlPlane),
    port,
    'healthz-port': healthzPort,
    'x-allow-local-modules': true,
    ...flagsOfPods,
  };
  const flags = Object.entries(settings).map(([flag, value]) => `--${flag}=${value}`);
  const main = path.join(root, 'src/krustlet/main.ts');
  const args = ['--disable-warning=ExperimentalWarning', main, ...flags];
  // Of a group of its own, so that Ctrl-C reaches it only through `endNode`.
  return spawn(process.execPath, args, { stdio: 'inherit', detached: true });
}

function writeBootstrapFile(controlPlane: ControlPlane): string {
  const file = path.join(controlPlane.directory, 'bootstrap.conf');
  const credential = { kind: 'token', token: controlPlane.bootstrapToken.token } as const;
  writeFileSync(file, formatKubeconfig(controlPlane.access({ credential })), { mode: 0o600 });
  return file;
}

function explain(controlPlane: ControlPlane, kubeconfig: string): void {
  console.log(`
export KUBECONFIG=${kubeconfig}
alias kubectl=${toolPath('kubectl')}

A first pod, whose image is a module of this machine:

kubectl apply --filename ${writeFirstPod(controlPlane)}
kubectl logs hello

No DNS of the cluster runs: pods know a Service 'web' by variables such as WEB_SERVICE_HOST.
Logs of the control plane are in ${controlPlane.directory}. Ctrl-C ends it all.
`);
}

function writeFirstPod(controlPlane: ControlPlane): string {
  const file = path.join(controlPlane.directory, 'hello.yaml');
  const image = `file:${path.join(root, 'examples', 'modules', 'hello.wasm')}`;
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'hello' },
    spec: {
      runtimeClassName: 'wasm',
      restartPolicy: 'Never',
      containers: [{ name: 'hello', image, args: ['Ada'] }],
    },
  };
  writeFileSync(file, stringify(pod));
  return file;
}

/** Ends the node and first its pods, which would go on without it. */
async function endNode(
  controlPlane: ControlPlane,
  client: ApiClient,
  node: ChildProcess,
): Promise<void> {
  const isRunning = node.exitCode === null && node.signalCode === null;
  if (!isRunning) return;
  // Whoever would make the pods anew ends before them.
  await Promise.all([controlPlane.controllerManager.stop(), controlPlane.scheduler.stop()]);
  await deletePods(client);
  const exited = once(node, 'exit');
  node.kill('SIGTERM');
  await exited;
}

async function deletePods(client: ApiClient): Promise<void> {
  const pods = async () => (await client.list(podResource)).items;
  for (const { metadata } of await pods()) {
    await unlessMissing(client.delete(podResource, metadata, { gracePeriodSeconds: 1 }));
  }
  const deadline = Date.now() + 10_000;
  while ((await pods()).length > 0 && Date.now() < deadline) await sleep(100);
}

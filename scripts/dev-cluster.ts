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
import { pods as podResource } from '../src/kubelet/cluster/core-resources.ts';
import { ApiClient } from '../src/kubernetes/api/api-client.ts';
import { ApiConnection } from '../src/kubernetes/connection/api-connection.ts';
import { formatKubeconfig } from '../src/kubernetes/kubeconfig/format-kubeconfig.ts';
import { ControlPlane } from '../tests/cluster/control-plane.ts';
import { freePorts } from '../tests/cluster/free-port.ts';
import { skipWithout, toolNames, toolPath } from '../tests/cluster/tools.ts';

const root = path.resolve(import.meta.dirname, '..');
const nodeName = 'wasm-1';

await main();

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'no-node': { type: 'boolean', default: false } } });
  const reason = skipWithout(...toolNames);
  if (reason) throw new Error(`Cannot start a cluster: ${reason}`);
  const stopped = Promise.withResolvers<void>();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopped.resolve());
  await using controlPlane = await ControlPlane.start();
  const kubeconfig = controlPlane.writeKubeconfig('admin', controlPlane.adminAccess.identity);
  applyManifests(kubeconfig);
  const node = values['no-node'] ? undefined : await startNode(controlPlane);
  explain(controlPlane, kubeconfig);
  await stopped.promise;
  if (node) await endNode(controlPlane, node);
}

/** RBAC and RuntimeClasses, as an administrator applies them. */
function applyManifests(kubeconfig: string): void {
  const flags = ['--kubeconfig', kubeconfig, 'apply', '--filename', path.join(root, 'deploy')];
  const { status, stderr } = spawnSync(toolPath('kubectl'), flags, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Cannot apply deploy/: ${stderr}`);
}

/** Starts a node in a process of its own, which joins by the bootstrap token. */
async function startNode(controlPlane: ControlPlane): Promise<ChildProcess> {
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
    // Addresses that are this machine's own anyway, so that no route is left behind.
    'pod-cidr': '127.64.0.0/16',
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

Logs of the control plane are in ${controlPlane.directory}. Ctrl-C ends it all.
`);
}

/** Ends the node and first its pods, which would go on without it. */
async function endNode(controlPlane: ControlPlane, node: ChildProcess): Promise<void> {
  const isRunning = node.exitCode === null && node.signalCode === null;
  if (!isRunning) return;
  // Whoever would make the pods anew ends before them.
  await Promise.all([controlPlane.controllerManager.stop(), controlPlane.scheduler.stop()]);
  await deletePods(controlPlane);
  const exited = once(node, 'exit');
  node.kill('SIGTERM');
  await exited;
}

async function deletePods(controlPlane: ControlPlane): Promise<void> {
  await using connection = new ApiConnection(controlPlane.adminAccess);
  const client = new ApiClient({ connection });
  const pods = async () => (await client.list(podResource)).items;
  for (const { metadata } of await pods()) {
    await client.delete(podResource, metadata, { gracePeriodSeconds: 1 });
  }
  const deadline = Date.now() + 10_000;
  while ((await pods()).length > 0 && Date.now() < deadline) await sleep(100);
}

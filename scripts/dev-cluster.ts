/**
 * A Kubernetes control plane on this machine to develop against, and one node of it:
 * `npm run dev:cluster`. Prints the KUBECONFIG; Ctrl-C ends everything and leaves nothing behind.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
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
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => stopped.resolve());
  await using controlPlane = await ControlPlane.start();
  const kubeconfig = controlPlane.writeKubeconfig('admin', controlPlane.adminAccess.identity);
  applyManifests(kubeconfig);
  const node = values['no-node'] ? undefined : await startNode(controlPlane);
  explain(controlPlane, kubeconfig);
  await stopped.promise;
  if (node) await stop(node);
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
  };
  const flags = Object.entries(settings).map(([flag, value]) => `--${flag}=${value}`);
  const main = path.join(root, 'src/krustlet/main.ts');
  const args = ['--disable-warning=ExperimentalWarning', main, ...flags];
  return spawn(process.execPath, args, { stdio: 'inherit' });
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

async function stop(node: ChildProcess): Promise<void> {
  if (node.exitCode !== null || node.signalCode !== null) return;
  const exited = once(node, 'exit');
  node.kill('SIGTERM');
  await exited;
}

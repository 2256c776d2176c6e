import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { formatKubeconfig } from '../../../src/kubernetes/kubeconfig/format-kubeconfig.ts';
import { freePorts } from '../../support/free-port.ts';
import { Component } from '../component.ts';
import { testCluster } from '../test-cluster.ts';
import { Kubectl } from './kubectl.ts';
import { metricsServerObjects } from './metrics-server-objects.ts';

/** The real metrics-server, behind the API server's aggregation layer as in any cluster. */
export class MetricsServer implements AsyncDisposable {
  readonly #component: Component;
  readonly #resources: DisposableStack;

  /** Resolves when it is started; it has figures once it has asked every node twice. */
  static async start(): Promise<MetricsServer> {
    using stack = new DisposableStack();
    const kubectl = new Kubectl({ namespace: 'kube-system' });
    const directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-metrics-server-'));
    stack.defer(() => rmSync(directory, { recursive: true, force: true }));
    const address = process.env.KRUSTLET_TEST_ADDRESS ?? '127.0.0.1';
    const [port = 0] = await freePorts(address, 1);
    const objects = metricsServerObjects({ address, port }).map((object) => stringify(object));
    const applied = await kubectl.feed(objects.join('---\n'), 'apply', '--filename', '-');
    assert.equal(applied.code, 0, applied.stderr);
    const kubeconfig = await writeKubeconfig(kubectl, directory);
    const flags = flagsOf({ directory, kubeconfig, address, port });
    const component = new Component('metrics-server', flags, directory);
    component.start();
    return new MetricsServer(component, stack.move());
  }

  constructor(component: Component, resources: DisposableStack) {
    this.#component = component;
    this.#resources = resources;
  }

  get log(): string {
    return this.#component.log;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#component.stop();
    this.#resources.dispose();
  }
}

/** It is its ServiceAccount, and may do what that may. */
async function writeKubeconfig(kubectl: Kubectl, directory: string): Promise<string> {
  const { code, stdout, stderr } = await kubectl.run('create', 'token', 'metrics-server');
  assert.equal(code, 0, stderr);
  const credential = { kind: 'token', token: stdout.trim() } as const;
  const file = path.join(directory, 'kubeconfig');
  const access = { ...testCluster().admin, identity: { credential } };
  writeFileSync(file, formatKubeconfig(access), { mode: 0o600 });
  return file;
}

interface Place {
  readonly directory: string;
  readonly kubeconfig: string;
  readonly address: string;
  readonly port: number;
}

/** Those of its own manifest, but that it asks nodes more often and checks their certificates. */
function flagsOf({ directory, kubeconfig, address, port }: Place): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    `--cert-dir=${directory}`,
    `--bind-address=${address}`,
    `--secure-port=${port}`,
    '--metric-resolution=10s',
    '--kubelet-request-timeout=5s',
    '--kubelet-preferred-address-types=InternalIP',
    '--kubelet-use-node-status-port',
    `--kubelet-certificate-authority=${path.join(testCluster().directory, 'ca.crt')}`,
  ];
}

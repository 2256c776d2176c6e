import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ApiClient } from '../../src/kubernetes/api/api-client.ts';
import { ApiConnection } from '../../src/kubernetes/connection/api-connection.ts';
import type { ClusterAccess, Identity } from '../../src/kubernetes/connection/cluster-access.ts';
import { formatKubeconfig } from '../../src/kubernetes/kubeconfig/format-kubeconfig.ts';
import { freePorts } from '../support/free-port.ts';
import {
  applyBootstrapObjects,
  type BootstrapToken,
  createBootstrapToken,
} from './bootstrap-objects.ts';
import { ClusterAuthority, writeServiceAccountKeys } from './cluster-certificates.ts';
import { Component } from './component.ts';
import { type KubernetesRelease, testedRelease } from './tools.ts';

/** What the current release has by itself, and the tests need. */
const featureGates: Readonly<Record<KubernetesRelease, readonly string[]>> = {
  'v1.37': [],
  'v1.34': ['--feature-gates=ImageVolume=true'],
};

/** All optional. */
export interface ControlPlaneInit {
  /** Where etcd and the API server listen. @default '127.0.0.1' */
  readonly address?: string;
  /** Range that nodes get their podCIDRs from. @default '10.244.0.0/16' */
  readonly clusterCIDR?: string;
  /** Further flags of the API server. @default none */
  readonly apiServerFlags?: readonly string[];
}

/** A real control plane: etcd, API server, controller manager and scheduler on this machine. */
export class ControlPlane implements AsyncDisposable {
  readonly directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-cluster-'));
  readonly authority = new ClusterAuthority(this.directory);
  /** A token that nodes join with, until the cluster ends. */
  readonly bootstrapToken: BootstrapToken = createBootstrapToken();
  readonly etcd: Component;
  readonly apiServer: Component;
  readonly controllerManager: Component;
  readonly scheduler: Component;
  readonly server: string;
  readonly #address: string;

  /** Prepares certificates and configuration and starts everything; resolves when it is ready. */
  static async start(init: ControlPlaneInit = {}): Promise<ControlPlane> {
    const address = init.address ?? '127.0.0.1';
    const controlPlane = new ControlPlane(address, await freePorts(address, 3), init);
    await controlPlane.#start();
    return controlPlane;
  }

  constructor(
    address: string,
    ports: readonly number[],
    { apiServerFlags = [], clusterCIDR = '10.244.0.0/16' }: ControlPlaneInit,
  ) {
    this.#address = address;
    const [etcdPort, peerPort, apiPort] = ports;
    this.server = `https://${address}:${apiPort}`;
    const etcd = `http://${address}:${etcdPort}`;
    const keys = writeServiceAccountKeys(this.directory);
    this.etcd = this.#component('etcd', [
      `--data-dir=${path.join(this.directory, 'etcd')}`,
      `--listen-client-urls=${etcd}`,
      `--advertise-client-urls=${etcd}`,
      `--listen-peer-urls=http://${address}:${peerPort}`,
      '--unsafe-no-fsync',
      '--log-level=warn',
    ]);
    this.apiServer = this.#component('kube-apiserver', [
      `--etcd-servers=${etcd}`,
      `--bind-address=${address}`,
      `--secure-port=${apiPort}`,
      `--advertise-address=${address}`,
      ...this.#apiServerCertificates(),
      ...this.#aggregationLayer(),
      `--client-ca-file=${this.authority.certificateFile}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${keys.publicKeyFile}`,
      `--service-account-signing-key-file=${keys.privateKeyFile}`,
      '--service-cluster-ip-range=10.96.0.0/16',
      '--authorization-mode=Node,RBAC',
      '--enable-admission-plugins=NodeRestriction',
      '--enable-bootstrap-token-auth',
      // The address of a Service's endpoint may not be a loopback one.
      '--endpoint-reconciler-type=none',
      '--allow-privileged',
      '--kubelet-preferred-address-types=InternalIP,Hostname',
      ...featureGates[testedRelease('kube-apiserver')],
      ...apiServerFlags,
    ]);
    this.controllerManager = this.#component('kube-controller-manager', [
      `--kubeconfig=${this.writeKubeconfig('controller-manager', this.identity('system:kube-controller-manager'))}`,
      '--controllers=*,bootstrapsigner,tokencleaner',
      '--use-service-account-credentials',
      `--service-account-private-key-file=${keys.privateKeyFile}`,
      `--root-ca-file=${this.authority.certificateFile}`,
      `--cluster-signing-cert-file=${this.authority.certificateFile}`,
      `--cluster-signing-key-file=${this.authority.keyFile}`,
      '--allocate-node-cidrs',
      `--cluster-cidr=${clusterCIDR}`,
      '--leader-elect=false',
      '--secure-port=0',
    ]);
    this.scheduler = this.#component('kube-scheduler', [
      `--kubeconfig=${this.writeKubeconfig('scheduler', this.identity('system:kube-scheduler'))}`,
      '--leader-elect=false',
      '--secure-port=0',
    ]);
  }

  /** Every right, as an administrator has it. */
  get adminAccess(): ClusterAccess {
    return this.access(this.identity('kubernetes-admin', ['system:masters']));
  }

  /** The cluster as seen by somebody. */
  access(identity: Identity): ClusterAccess {
    return { server: this.server, certificateAuthority: this.authority.certificate, identity };
  }

  /** A client certificate of the cluster's authority. */
  identity(user: string, groups: readonly string[] = []): Identity {
    const name = user.replaceAll(':', '-');
    const subject = { commonName: user, organizations: groups };
    const { certificate, key } = this.authority.issue(name, { subject, use: 'client' });
    return { clientCertificate: { certificate, key } };
  }

  /** Writes a kubeconfig file and gives its path. */
  writeKubeconfig(name: string, identity: Identity): string {
    const file = path.join(this.directory, `${name}.kubeconfig`);
    writeFileSync(file, formatKubeconfig(this.access(identity)), { mode: 0o600 });
    return file;
  }

  /** Waits until the API server answers that it is ready. */
  async waitForApiServer(): Promise<void> {
    await using connection = new ApiConnection(this.adminAccess, { timeout: 2_000 });
    await this.apiServer.waitUntil(async () => {
      try {
        const body = await connection.send({ method: 'GET', path: '/readyz' });
        return (await body.text()) === 'ok';
      } catch {
        // Not listening yet, or its post-start hooks still run: asked again.
        return false;
      }
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const stopped = [this.scheduler, this.controllerManager, this.apiServer, this.etcd];
    await Promise.all(stopped.map((component) => component.stop('SIGKILL')));
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #start(): Promise<void> {
    await using stack = new AsyncDisposableStack();
    stack.use(this);
    this.etcd.start();
    this.apiServer.start();
    await this.waitForApiServer();
    this.controllerManager.start();
    this.scheduler.start();
    await using connection = new ApiConnection(this.adminAccess);
    await applyBootstrapObjects(
      new ApiClient({ connection }),
      this.bootstrapToken,
      this.adminAccess,
    );
    stack.move();
  }

  #apiServerCertificates(): readonly string[] {
    const serving = this.authority.issue('apiserver', {
      subject: { commonName: 'kube-apiserver' },
      use: 'server',
      dnsNames: ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
      ipAddresses: [this.#address, '127.0.0.1', '10.96.0.1'],
    });
    const kubelet = this.authority.issue('apiserver-kubelet-client', {
      subject: { commonName: 'kube-apiserver-kubelet-client', organizations: ['system:masters'] },
      use: 'client',
    });
    return [
      `--tls-cert-file=${serving.certificateFile}`,
      `--tls-private-key-file=${serving.keyFile}`,
      `--kubelet-client-certificate=${kubelet.certificateFile}`,
      `--kubelet-client-key=${kubelet.keyFile}`,
    ];
  }

  /** What makes the API server pass requests on to others that serve a part of the API. */
  #aggregationLayer(): readonly string[] {
    const directory = path.join(this.directory, 'front-proxy');
    mkdirSync(directory);
    const authority = new ClusterAuthority(directory);
    const commonName = 'front-proxy-client';
    const client = authority.issue(commonName, { subject: { commonName }, use: 'client' });
    return [
      `--requestheader-client-ca-file=${authority.certificateFile}`,
      `--requestheader-allowed-names=${commonName}`,
      '--requestheader-username-headers=X-Remote-User',
      '--requestheader-group-headers=X-Remote-Group',
      '--requestheader-extra-headers-prefix=X-Remote-Extra-',
      `--proxy-client-cert-file=${client.certificateFile}`,
      `--proxy-client-key-file=${client.keyFile}`,
      // There is no kube-proxy that would lead the address of a Service anywhere.
      '--enable-aggregator-routing',
    ];
  }

  #component(name: Component['name'], args: readonly string[]): Component {
    return new Component(name, args, this.directory);
  }
}

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { stringify } from 'yaml';
import { freePorts } from '../../support/free-port.ts';
import { Component } from '../component.ts';
import { testCluster } from '../test-cluster.ts';
import { Kubectl } from './kubectl.ts';
import type { NodeProcess } from './node-process.ts';

const name = 'prometheus';
const namespace = 'default';
const rbac = 'rbac.authorization.k8s.io';

/** The node's endpoints with metrics, which Prometheus calls jobs. */
export const metricsPaths = [
  '/metrics',
  '/metrics/resource',
  '/metrics/cadvisor',
  '/metrics/probes',
] as const;

const vector = v.object({
  data: v.object({
    result: v.array(
      v.object({
        metric: v.record(v.string(), v.string()),
        value: v.tuple([v.number(), v.pipe(v.string(), v.toNumber())]),
      }),
    ),
  }),
});

/** One series of an answer, with its newest value. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A real Prometheus that scrapes one node each second, as a ServiceAccount that may do no more. */
export class Prometheus implements AsyncDisposable {
  readonly #component: Component;
  readonly #origin: string;
  readonly #resources: DisposableStack;

  /** Resolves when it answers queries. */
  static async start(node: NodeProcess): Promise<Prometheus> {
    await using stack = new AsyncDisposableStack();
    const directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-prometheus-'));
    const resources = stack.use(new DisposableStack());
    resources.defer(() => rmSync(directory, { recursive: true, force: true }));
    const tokenFile = path.join(directory, 'token');
    writeFileSync(tokenFile, await createToken(), { mode: 0o600 });
    const configFile = path.join(directory, 'prometheus.yaml');
    const [port = 0] = await freePorts('127.0.0.1', 1);
    const own = `127.0.0.1:${port}`;
    writeFileSync(configFile, stringify(configuration({ node, tokenFile, own })));
    const flags = [
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${path.join(directory, 'data')}`,
      `--web.listen-address=${own}`,
    ];
    const component = stack.use(new Component('prometheus', flags, directory));
    component.start();
    const origin = `http://${own}`;
    await component.waitUntil(() =>
      fetch(`${origin}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    stack.move();
    return new Prometheus(component, origin, resources);
  }

  constructor(component: Component, origin: string, resources: DisposableStack) {
    this.#component = component;
    this.#origin = origin;
    this.#resources = resources;
  }

  get log(): string {
    return this.#component.log;
  }

  /** What the query has come to by now. */
  async query(query: string): Promise<readonly Sample[]> {
    const answer = await fetch(`${this.#origin}/api/v1/query?${new URLSearchParams({ query })}`);
    const body = await answer.json();
    assert.equal(answer.status, 200, `${query}: ${JSON.stringify(body)}`);
    const { result } = v.parse(vector, body).data;
    return result.map(({ metric, value: [, value] }) => ({ labels: metric, value }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#component.stop();
    this.#resources.dispose();
  }
}

/** A token of an account that may read metrics of nodes, which is all that there is to allow. */
async function createToken(): Promise<string> {
  const kubectl = new Kubectl({ namespace });
  const objects = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRole',
      metadata: { name },
      rules: [{ apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] }],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
  ];
  const manifest = objects.map((object) => stringify(object)).join('---\n');
  const applied = await kubectl.feed(manifest, 'apply', '--filename', '-');
  assert.equal(applied.code, 0, applied.stderr);
  const { code, stdout, stderr } = await kubectl.run('create', 'token', name);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

interface Targets {
  readonly node: NodeProcess;
  readonly tokenFile: string;
  /** Where Prometheus itself listens. */
  readonly own: string;
}

/** The node's certificate is checked against the cluster's authority. */
function configuration({ node, tokenFile, own }: Targets) {
  return {
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [
      { job_name: 'itself', static_configs: [{ targets: [own] }] },
      ...metricsPaths.map((metricsPath) => ({
        job_name: metricsPath,
        metrics_path: metricsPath,
        scheme: 'https',
        authorization: { credentials_file: tokenFile },
        tls_config: { ca_file: path.join(testCluster().directory, 'ca.crt') },
        static_configs: [{ targets: [`${node.address}:${node.port}`] }],
      })),
    ],
  };
}

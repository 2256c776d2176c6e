import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';

const krustlet = path.resolve(import.meta.dirname, '../bin/krustlet.js');
const support = path.join(import.meta.dirname, 'support');
const own = ['--net', '--mount'];
const namespaces = process.getuid?.() === 0 ? own : ['--user', '--map-root-user', ...own];

/** Runs something in the background, and prints what its only container answers to a request. */
const ask = `
  node=$0 krustlet=$1 route=$2
  shift 2
  name=$("$node" "$krustlet" run --detach "$@")
  address=$("$node" "$krustlet" ps | grep --only-matching '127[.][^ ]*')
  "$node" -e 'fetch(process.argv[1]).then((it) => it.text()).then(console.log)' "http://$address/$route"
  "$node" "$krustlet" stop "$name" >&2`;
const route = 'proxy/elsewhere.example/path';

function fixture(component: string): string {
  return path.join(import.meta.dirname, 'fixtures', 'components', `${component}.wasm`);
}

function container(name: string, component: string, ...args: readonly string[]): object {
  return { name, image: `file:${fixture(component)}`, args };
}

describe('what is run without a cluster, and other machines', () => {
  let folder: string;
  let manifest: string;

  // Not shared: what containers are forked from stays in the network that it began in.
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'krustlet-pods-network-'));
    manifest = path.join(folder, 'pod.yaml');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs a command beside a machine that is not this one. */
  async function beside(...command: readonly string[]): Promise<string> {
    const script = path.join(support, 'other-machine.sh');
    const other = [process.execPath, path.join(support, 'other-machine.ts')];
    const { stdout } = await promisify(execFile)(
      'unshare',
      [...namespaces, 'sh', script, ...other, ...command],
      { env: { ...process.env, KRUSTLET_DATA_DIR: path.join(folder, 'data') } },
    );
    return stdout;
  }

  function writePod(annotations: object, ...containers: readonly object[]): void {
    const dns = { dnsPolicy: 'None', dnsConfig: { nameservers: ['10.79.1.2'] } };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'pod', annotations },
      spec: { restartPolicy: 'Never', ...dns, containers },
    };
    writeFileSync(manifest, JSON.stringify(pod));
  }

  it('are found by name by pods, and connected to', async () => {
    writePod(
      {},
      container('address', 'sockets', 'tcp-client', '10.79.1.2:7000', 'hello'),
      container('name', 'sockets', 'tcp-client', 'elsewhere.example:7000', 'hello'),
    );
    const output = await beside(process.execPath, krustlet, 'run', manifest);
    assert.deepEqual(output.trim().split('\n').toSorted(), [
      'pod/address | 10.79.1.1 10.79.1.2:7000 hello',
      'pod/name | 10.79.1.1 10.79.1.2:7000 hello',
    ]);
  });

  it('are sent requests by pods', async () => {
    const domains = JSON.stringify(['elsewhere.example']);
    writePod(
      { 'alpha.wasi.krustlet.dev/allowed-domains': domains },
      container('web', 'http-routes'),
    );
    const output = await beside('sh', '-ec', ask, process.execPath, krustlet, route, manifest);
    assert.equal(output.trim(), 'GET /path from 10.79.1.1');
  });

  it('are connected to by a component that may', async () => {
    const there = 'elsewhere.example:7000';
    const client = [fixture('sockets'), 'tcp-client', there, 'hello'];
    const options = ['--allow-domain', there];
    const output = await beside(process.execPath, krustlet, 'run', ...options, ...client);
    assert.equal(output.trim(), '10.79.1.1 10.79.1.2:7000 hello');
  });

  it('are sent requests by a component that may', async () => {
    const options = ['--allow-domain', 'elsewhere.example', fixture('http-routes')];
    const output = await beside('sh', '-ec', ask, process.execPath, krustlet, route, ...options);
    assert.equal(output.trim(), 'GET /path from 10.79.1.1');
  });
});

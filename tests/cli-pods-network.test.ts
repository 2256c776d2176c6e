import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { promisify } from 'node:util';

const krustlet = path.resolve(import.meta.dirname, '../bin/krustlet.js');
const support = path.join(import.meta.dirname, 'support');
const namespaces = process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-root-user', '--net'];

/** Runs a pod in the background, and prints what its first container answers to a request. */
const askPod = `
  "$0" "$1" run --detach "$2" >&2
  address=$("$0" "$1" ps | grep --only-matching '127[.]64[^ ]*')
  "$0" -e 'fetch(process.argv[1]).then((it) => it.text()).then(console.log)' "http://$address/$3"
  "$0" "$1" stop pod >&2`;

function container(name: string, component: string, ...args: readonly string[]): object {
  const file = path.join(import.meta.dirname, 'fixtures', 'components', `${component}.wasm`);
  return { name, image: `file:${file}`, args };
}

describe('the pods of a manifest, and other machines', () => {
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

  it('are found by name, and connected to', async () => {
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

  it('are sent requests', async () => {
    const domains = JSON.stringify(['elsewhere.example']);
    writePod(
      { 'alpha.wasi.krustlet.dev/allowed-domains': domains },
      container('web', 'http-routes'),
    );
    const route = 'proxy/elsewhere.example/path';
    const output = await beside('sh', '-ec', askPod, process.execPath, krustlet, manifest, route);
    assert.equal(output.trim(), 'GET /path from 10.79.1.1');
  });
});

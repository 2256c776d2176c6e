import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ClusterAccess } from '../connection/cluster-access.ts';
import { formatKubeconfig } from './format-kubeconfig.ts';
import { loadKubeconfig } from './load-kubeconfig.ts';
import { parseKubeconfig } from './parse-kubeconfig.ts';

const config = (user: object, cluster: object = {}, changes: object = {}): object => ({
  clusters: [{ name: 'c', cluster: { server: 'https://10.0.0.1:6443', ...cluster } }],
  users: [{ name: 'u', user }],
  contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
  'current-context': 'x',
  ...changes,
});
const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('parseKubeconfig', () => {
  const credentials: readonly [string, object, object | undefined][] = [
    ['nobody', {}, undefined],
    ['a token', { token: 't' }, { kind: 'token', token: 't' }],
    [
      'a token file, which wins over a token',
      { token: 't', tokenFile: '/run/token' },
      { kind: 'tokenFile', path: '/run/token' },
    ],
    [
      'a password',
      { username: 'u', password: 'p' },
      { kind: 'basic', username: 'u', password: 'p' },
    ],
    [
      'a plugin with its environment',
      {
        exec: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: './login',
          args: ['-q'],
          env: [{ name: 'A', value: '1' }],
        },
      },
      {
        kind: 'exec',
        plugin: {
          apiVersion: 'client.authentication.k8s.io/v1',
          command: '/etc/k/login',
          args: ['-q'],
          env: { PATH: '/bin', A: '1' },
          installHint: undefined,
        },
      },
    ],
  ];
  for (const [name, user, expected] of credentials) {
    it(`reads ${name}`, () => {
      const options = { directory: '/etc/k', environment: { PATH: '/bin' } };
      const { identity } = parseKubeconfig(config(user), options);
      assert.deepEqual(identity.credential, expected);
    });
  }

  it('reads certificates from their data', () => {
    const user = { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') };
    const cluster = { 'certificate-authority-data': base64('CA'), 'tls-server-name': 'api' };
    assert.deepEqual(parseKubeconfig(config(user, cluster)), {
      server: 'https://10.0.0.1:6443',
      certificateAuthority: 'CA',
      tlsServerName: 'api',
      insecureSkipTlsVerify: false,
      namespace: undefined,
      identity: { clientCertificate: { certificate: 'CERT', key: 'KEY' }, credential: undefined },
    });
  });

  const refusals: readonly [string, unknown, RegExp][] = [
    ['no object', 'text', /'' must be an object/],
    [
      'no current context',
      config({}, {}, { 'current-context': '' }),
      /'current-context' is not set/,
    ],
    [
      'an unknown context',
      config({}, {}, { 'current-context': 'y' }),
      /'contexts' has none .* 'y'/,
    ],
    ['a server that is no URL', config({}, { server: 'here' }), /must be a URL, but is 'here'/],
    ['a wrong type', config({ token: 5 }), /'users\[0\]\.user\.token' must be a string/],
    ['data that is not base64', config({}, { 'certificate-authority-data': '?' }), /base64/],
    [
      'half a certificate',
      config({ 'client-key-data': base64('K') }),
      /client-certificate' or its/,
    ],
    ['a provider of old', config({ 'auth-provider': {} }), /'auth-provider'|auth-provider' is not/],
    ['somebody else', config({ as: 'root' }), /\.as' is not supported/],
    ['a proxy', config({}, { 'proxy-url': 'http://p' }), /proxy-url' is not supported/],
    ['a file that is missing', config({}, { 'certificate-authority': '/none' }), /cannot be read/],
  ];
  for (const [name, value, message] of refusals) {
    it(`refuses ${name}, and names the field`, () => {
      assert.throws(() => parseKubeconfig(value), { name: 'KubeconfigError', message });
    });
  }
});

describe('loadKubeconfig', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-kubeconfig-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  it('reads what formatKubeconfig writes', async () => {
    const file = path.join(directory, 'written');
    const access: ClusterAccess = {
      server: 'https://[::1]:6443',
      certificateAuthority: 'CA\n',
      tlsServerName: undefined,
      insecureSkipTlsVerify: false,
      namespace: 'apps',
      identity: {
        clientCertificate: { certificate: 'CERT\n', key: 'KEY\n' },
        credential: { kind: 'token', token: 't' },
      },
    };
    writeFileSync(file, formatKubeconfig(access));
    assert.deepEqual(await loadKubeconfig(file), access);
  });

  it('reads files relative to its own folder', async () => {
    writeFileSync(path.join(directory, 'ca.crt'), 'CA');
    const file = path.join(directory, 'relative');
    writeFileSync(file, JSON.stringify(config({}, { 'certificate-authority': 'ca.crt' })));
    assert.equal((await loadKubeconfig(file)).certificateAuthority, 'CA');
  });

  it('names the file that is wrong', async () => {
    const file = path.join(directory, 'wrong');
    writeFileSync(file, 'a: [');
    await assert.rejects(loadKubeconfig(file), { message: new RegExp(`in '${file}'`) });
  });
});

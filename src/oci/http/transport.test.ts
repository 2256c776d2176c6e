import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { ClusterAuthority } from '../../../tests/cluster/cluster-certificates.ts';
import { ScriptedServer } from '../../../tests/registry/scripted-server.ts';
import { HttpClient } from './http-client.ts';
import { Transport, type TransportInit } from './transport.ts';

describe('Transport', () => {
  let directory: string;
  let authority: ClusterAuthority;
  let server: ScriptedServer;

  before(async () => {
    directory = await mkdtemp(path.join(os.tmpdir(), 'transport-'));
    authority = new ClusterAuthority(directory);
    const { certificate, key } = authority.issue('server', {
      subject: { commonName: 'server' },
      use: 'server',
      dnsNames: ['registry.invalid'],
      ipAddresses: ['127.0.0.1'],
    });
    server = await ScriptedServer.start((_, response) => response.end('hello'), {
      key,
      cert: certificate,
    });
  });

  after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });

  async function get(init: TransportInit, url: string, isInsecure = false): Promise<number> {
    await using transport = new Transport(init);
    const components = { transport, isInsecure: () => isInsecure };
    const http = new HttpClient(components, { retry: { attempts: 1 } });
    await using response = await http.send({ method: 'GET', url: new URL(url) });
    return response.status;
  }

  it('refuses a certificate of an unknown authority', async () => {
    await assert.rejects(get({}, `https://${server.host}/`), {
      code: 'RegistryUnavailable',
      message:
        /cannot be reached: its certificate .* not trusted here: .* SSL_CERT_FILE.* \(\w+\)$/,
    });
  });

  it('trusts an authority that it is given', async () => {
    const caCertificates = [authority.certificate];
    assert.equal(await get({ caCertificates }, `https://${server.host}/`), 200);
  });

  it('says that a certificate is none', async () => {
    await assert.rejects(get({ caCertificates: ['junk'] }, `https://${server.host}/`), {
      code: 'InvalidConfiguration',
      message: /'junk…' is not a certificate in PEM/,
    });
  });

  it('does not care for an insecure registry', async () => {
    assert.equal(await get({}, `https://${server.host}/`, true), 200);
  });

  it('tunnels through a proxy, with the name and password in its URL', async () => {
    const asked: string[] = [];
    const proxy = createServer((socket) => {
      socket.once('data', (head) => {
        asked.push(head.toString());
        const upstream = connect(Number(server.host.split(':')[1]), '127.0.0.1', () => {
          socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
          socket.pipe(upstream).pipe(socket);
        });
        upstream.on('error', () => socket.destroy());
        socket.on('error', () => upstream.destroy());
      });
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    try {
      const proxies = { httpsProxy: `http://me:secret@127.0.0.1:${port}` };
      const init = { proxies, caCertificates: [authority.certificate] };
      assert.equal(await get(init, 'https://registry.invalid/'), 200);
      assert.match(asked[0] ?? '', /^CONNECT registry\.invalid:443 HTTP\/1\.1/);
      assert.match(asked[0] ?? '', /proxy-authorization: Basic bWU6c2VjcmV0/i);
    } finally {
      proxy.close();
    }
  });

  it('sends plain HTTP to a proxy as it is', async () => {
    await using proxy = await ScriptedServer.start((_, response) => response.end('from the proxy'));
    const proxies = { httpProxy: `http://${proxy.host}` };
    assert.equal(await get({ proxies }, 'http://registry.invalid/v2/', true), 200);
    assert.deepEqual(
      proxy.requests.map(({ method, url }) => `${method} ${url}`),
      ['GET http://registry.invalid/v2/'],
    );
  });

  it('says that a name is unknown or a port closed, without trying long', async () => {
    await assert.rejects(get({}, 'https://127.0.0.1:1/'), /cannot be reached: .*ECONNREFUSED/);
  });
});

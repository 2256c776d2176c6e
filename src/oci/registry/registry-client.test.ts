import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { describe, it } from 'node:test';
import { ScriptedImage, sha256 } from '../../../tests/registry/scripted-image.ts';
import { type Script, ScriptedServer } from '../../../tests/registry/scripted-server.ts';
import { moduleOf, Workbench } from '../../../tests/registry/workbench.ts';
import type { Credential } from '../credentials/credential.ts';
import { describeError } from '../errors.ts';
import { parseMirrors } from './endpoints.ts';

const module = moduleOf(50_000);
const image = new ScriptedImage([{ mediaType: 'application/wasm', bytes: module }]);
const layerPath = `/v2/app/blobs/${sha256(module)}`;
const password: Credential = { kind: 'password', username: 'me', password: 'secret' };
const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`;

const holder = (credential: Credential) => ({ find: async () => [credential] });

/** A registry whose tokens come from itself; `judge` sees each request for one. */
function withTokens(judge: Script, expires = 300): Script {
  let tokens = 0;
  return (request, response) => {
    const { url = '', headers } = request;
    if (url.startsWith('/token')) {
      if (judge(request, response) === false) return response.writeHead(401).end();
      tokens++;
      return response.end(JSON.stringify({ token: `t${tokens}`, expires_in: expires }));
    }
    if (headers.authorization === `Bearer t${tokens}` && tokens > 0) {
      return image.script(request, response);
    }
    return demandToken(response, headers.host ?? '');
  };
}

function demandToken(response: ServerResponse, host: string) {
  const challenge = `Bearer realm="http://${host}/token",service="registry"`;
  return response.writeHead(401, { 'www-authenticate': challenge }).end();
}

/** The registry `registry.invalid`, another machine, as seen through a proxy. */
async function remoteRegistry(answer: (response: ServerResponse, path: string) => unknown) {
  const server = await ScriptedServer.start(({ url = '' }, response) => {
    const { pathname } = new URL(url);
    return pathname === '/v2/' ? response.end() : answer(response, pathname);
  });
  const proxies = { httpProxy: `http://${server.host}` };
  const insecure = ['registry.invalid'];
  return { server, client: { proxies, registries: { insecure } } };
}

describe('RegistryClient', () => {
  it('gets one token for a whole pull, with name and password', async () => {
    const judge: Script = ({ headers }) => headers.authorization === basic;
    await using server = await ScriptedServer.start(withTokens(judge));
    await using bench = await Workbench.create();
    await bench.puller.pull(`${server.host}/app:1`, { credentials: holder(password) });
    const asked = server.paths().filter((path) => path.startsWith('/token'));
    assert.deepEqual(asked, ['/token?service=registry&scope=repository%3Aapp%3Apull&account=me']);
  });

  it('gets a token anonymously', async () => {
    const judge: Script = ({ headers }) => headers.authorization === undefined;
    await using server = await ScriptedServer.start(withTokens(judge));
    await using bench = await Workbench.create();
    const pulled = await bench.puller.pull(`${server.host}/app:1`);
    assert.equal(pulled.record.access.public, true);
  });

  it('exchanges an identity token', async () => {
    let form = '';
    const judge: Script = (request) => {
      request.on('data', (chunk) => {
        form += chunk;
      });
      return request.method === 'POST';
    };
    await using server = await ScriptedServer.start(withTokens(judge));
    await using bench = await Workbench.create();
    const credentials = holder({ kind: 'identity-token', token: 'refresh me' });
    await bench.puller.pull(`${server.host}/app:1`, { credentials });
    const { grant_type, refresh_token, scope } = Object.fromEntries(new URLSearchParams(form));
    assert.deepEqual(
      { grant_type, refresh_token, scope },
      { grant_type: 'refresh_token', refresh_token: 'refresh me', scope: 'repository:app:pull' },
    );
  });

  it('tries the next credential when one is refused', async () => {
    const judge: Script = ({ headers }) => headers.authorization === basic;
    await using server = await ScriptedServer.start(withTokens(judge));
    await using bench = await Workbench.create();
    const credentials = {
      find: async () => [{ ...password, password: 'wrong' }, password] as const,
    };
    await bench.puller.pull(`${server.host}/app:1`, { credentials });
    await assert.rejects(bench.puller.pull(`${server.host}/app:1`, { policy: 'Always' }), {
      code: 'Unauthorized',
      message: /get the token for 'repository:app:pull'/,
    });
  });

  it('sends no credentials to another host', async () => {
    await using storage = await ScriptedServer.start(image.script);
    await using server = await ScriptedServer.start((request, response) => {
      if (request.headers.authorization !== basic) {
        return response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      }
      const location = `http://${storage.host}${request.url}`;
      return response.writeHead(307, { location }).end();
    });
    await using bench = await Workbench.create();
    await bench.puller.pull(`${server.host}/app:1`, { credentials: holder(password) });
    assert.ok(storage.requests.length >= 3);
    for (const { headers } of storage.requests) assert.equal(headers.authorization, undefined);
  });

  for (const [title, status, header, lead] of [
    ['a redirect', 307, 'location', (to: string) => to],
    ['a token server', 401, 'www-authenticate', (to: string) => `Bearer realm="${to}"`],
  ] as const) {
    for (const scheme of ['http', 'https']) {
      it(`follows ${title} of another machine to no service of this one, by ${scheme}`, async () => {
        await using service = await ScriptedServer.start((_, response) => response.end('secret'));
        const remote = await remoteRegistry((response) =>
          response.writeHead(status, { [header]: lead(`${scheme}://${service.host}/admin`) }).end(),
        );
        await using server = remote.server;
        await using bench = await Workbench.create({ client: remote.client });
        await assert.rejects(bench.puller.pull('registry.invalid/app:1'), {
          code: 'InvalidResponse',
          message: /registry\.invalid leads to this machine, where it is not itself: name both in/,
        });
        assert.ok(server.requests.length > 0);
        assert.deepEqual(service.requests, []);
      });
    }
  }

  it('follows a redirect to this machine where that is listed', async () => {
    await using storage = await ScriptedServer.start(image.script);
    const remote = await remoteRegistry((response, url) =>
      response.writeHead(307, { location: `http://${storage.host}${url}` }).end(),
    );
    await using _server = remote.server;
    const insecure = [...remote.client.registries.insecure, storage.host];
    await using bench = await Workbench.create({
      client: { ...remote.client, registries: { insecure } },
    });
    const { moduleDigest } = await bench.puller.pull('registry.invalid/app:1');
    assert.equal(moduleDigest, sha256(module));
  });

  it('shows nothing of an answer that is no JSON', async () => {
    await using server = await ScriptedServer.start((request, response) =>
      request.url === '/v2/' ? response.end() : response.end('hunter2'),
    );
    await using bench = await Workbench.create();
    await assert.rejects(bench.puller.pull(`${server.host}/app:1`), (error) => {
      assert.match(describeError(error), /7 bytes that are not JSON$/);
      return true;
    });
  });

  it('resumes a download where it broke', async () => {
    let breaks = 2;
    await using server = await ScriptedServer.start((request, response) => {
      if (request.url !== layerPath || breaks === 0) return image.script(request, response);
      breaks--;
      const from = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
      response.writeHead(from > 0 ? 206 : 200, {
        'content-length': module.length - from,
        'content-range': `bytes ${from}-${module.length - 1}/${module.length}`,
      });
      const part = module.subarray(from, from + 20_000);
      return response.write(part, () => setTimeout(() => response.destroy(), 20));
    });
    await using bench = await Workbench.create();
    await bench.puller.pull(`${server.host}/app:1`);
    const layers = server.requests.filter(({ url }) => url === layerPath);
    assert.deepEqual(
      layers.map(({ headers }) => headers.range),
      [undefined, 'bytes=20000-50012', 'bytes=40000-50012'],
    );
  });

  for (const status of [429, 500, 502, 503, 504]) {
    it(`tries again after ${status}`, async () => {
      let refusals = 2;
      await using server = await ScriptedServer.start((request, response) => {
        if (refusals === 0 || request.url === '/v2/') return image.script(request, response);
        refusals--;
        return response.writeHead(status, { 'retry-after': '0' }).end();
      });
      await using bench = await Workbench.create();
      assert.equal((await bench.puller.pull(`${server.host}/app:1`)).digest, image.digest);
    });
  }

  it('does not wait when it is asked to come back in an hour', async () => {
    await using server = await ScriptedServer.start((request, response) =>
      request.url === '/v2/'
        ? response.end()
        : response.writeHead(429, { 'retry-after': '3600' }).end(),
    );
    await using bench = await Workbench.create();
    await assert.rejects(bench.puller.pull(`${server.host}/app:1`), {
      code: 'RegistryUnavailable',
      message: /answered 429, which asks to wait 3600 s/,
    });
  });

  it('asks mirrors in order, and the registry when they fail', async () => {
    await using broken = await ScriptedServer.start((_, response) => response.writeHead(500).end());
    await using empty = await ScriptedServer.start(() => false);
    await using full = await ScriptedServer.start(image.script);
    const mirrors = parseMirrors([
      'registry.invalid=127.0.0.1:1',
      `registry.invalid=http://${broken.host}`,
      `registry.invalid=http://${empty.host}`,
      `registry.invalid=http://${full.host}`,
    ]);
    const client = { registries: { mirrors }, retry: { baseDelayMs: 1, attempts: 2 } };
    await using bench = await Workbench.create({ client });
    const seen: string[] = [];
    const credentials = {
      find: async ({ registry }: { registry: string }) => {
        seen.push(registry);
        return registry === 'registry.invalid' ? [password] : [];
      },
    };
    const pulled = await bench.puller.pull('registry.invalid/app:1', { credentials });
    assert.equal(pulled.name, 'registry.invalid/app:1');
    assert.equal(pulled.digest, image.digest);
    assert.deepEqual(seen, ['127.0.0.1:1', broken.host, empty.host, full.host, 'registry.invalid']);
    assert.equal(empty.paths()[0], '/v2/app/manifests/1?ns=registry.invalid');
    for (const { headers } of [...broken.requests, ...empty.requests, ...full.requests]) {
      assert.equal(headers.authorization, undefined);
    }
  });

  it('turns to the registry when a mirror has bad content', async () => {
    await using bad = await ScriptedServer.start((request, response) =>
      request.url?.startsWith(layerPath) === true
        ? response.end(Buffer.alloc(module.length))
        : image.script(request, response),
    );
    await using good = await ScriptedServer.start(image.script);
    const mirrors = parseMirrors([`${good.host}=${bad.host}`]);
    await using bench = await Workbench.create({ client: { registries: { mirrors } } });
    const pulled = await bench.puller.pull(`${good.host}/app:1`);
    assert.equal(pulled.moduleDigest, sha256(module));
    assert.deepEqual(good.paths(), [layerPath]);
  });

  it('ends when it is aborted, at once', async () => {
    await using server = await ScriptedServer.start((request, response) =>
      request.url === layerPath ? response.write('x') : image.script(request, response),
    );
    await using bench = await Workbench.create();
    const controller = new AbortController();
    const progress = ({ kind }: { kind: string }) =>
      kind === 'resolved' && setTimeout(() => controller.abort(new Error('enough')), 20);
    const pull = bench.puller.pull(`${server.host}/app:1`, { signal: controller.signal, progress });
    await assert.rejects(pull, { message: 'enough' });
  });

  it('reaches nothing over plain HTTP that is not declared insecure', async () => {
    await using server = await ScriptedServer.start((_, response) =>
      response.writeHead(307, { location: 'http://registry.invalid/v2/' }).end(),
    );
    await using bench = await Workbench.create();
    await assert.rejects(bench.puller.pull(`${server.host}/app:1`), {
      message: /leads to plain HTTP at registry\.invalid: name both in --insecure-registries/,
    });
  });
});

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { type Script, ScriptedServer } from '../../../tests/registry/scripted-server.ts';
import { moduleOf, Workbench } from '../../../tests/registry/workbench.ts';
import { parseReference } from '../reference/parse-reference.ts';
import { pushModule } from './push-module.ts';

const credentials = {
  find: async () => [{ kind: 'password', username: 'me', password: 'secret' } as const],
};
const challenge = { 'www-authenticate': 'Basic realm="x"' };

/** Takes any upload, from whoever has a password. */
function registry(location: () => string, demands = true): Script {
  return (request, response) => {
    request.resume();
    const { method, url = '', headers } = request;
    if (demands && headers.authorization === undefined) {
      return response.writeHead(401, challenge).end();
    }
    if (method === 'HEAD') return response.writeHead(404).end();
    if (method === 'POST') return response.writeHead(202, { location: location() }).end();
    return request.on('end', () => response.writeHead(url === '/v2/' ? 200 : 201).end());
  };
}

async function push(bench: Workbench, host: string, name = 'app:1') {
  const file = path.join(bench.directory, 'app.wasm');
  await writeFile(file, moduleOf(10));
  return await pushModule(bench.client, file, parseReference(`${host}/${name}`), { credentials });
}

describe('pushModule', () => {
  it('uploads to where the registry says, relative to itself', async () => {
    await using server = await ScriptedServer.start(registry(() => '/upload?state=1'));
    await using bench = await Workbench.create();
    const { digest, description } = await push(bench, server.host);
    assert.equal(description.kind, 'module');
    assert.match(digest, /^sha256:/);
    const [layer, config, manifest] = server.requests.filter(({ method }) => method === 'PUT');
    assert.match(layer?.url ?? '', /^\/upload\?state=1&digest=sha256%3A/);
    assert.match(config?.url ?? '', /^\/upload\?state=1&digest=sha256%3A/);
    assert.equal(manifest?.url, '/v2/app/manifests/1');
  });

  it('gives no credentials to another host that the registry names, even when it asks', async () => {
    await using thief = await ScriptedServer.start(registry(() => '/', true));
    const location = () => `http://${thief.host}/upload`;
    await using server = await ScriptedServer.start(registry(location));
    await using bench = await Workbench.create();
    await assert.rejects(push(bench, server.host), { code: 'Unauthorized' });
    assert.ok(thief.requests.length > 0);
    for (const { headers } of thief.requests) assert.equal(headers.authorization, undefined);
  });

  it('says that a registry forgot to say where to upload to', async () => {
    await using server = await ScriptedServer.start(registry(() => 'http://'));
    await using bench = await Workbench.create();
    await assert.rejects(push(bench, server.host), {
      code: 'InvalidResponse',
      message: /upload blob sha256:\w{12} to 127.*does not say where/,
    });
  });

  it('pushes tags only, and modules only', async () => {
    await using bench = await Workbench.create();
    const digest = `sha256:${'0'.repeat(64)}`;
    await assert.rejects(push(bench, '127.0.0.1:1', `app@${digest}`), { code: 'InvalidReference' });
    const file = path.join(bench.directory, 'text.wasm');
    await writeFile(file, '(module)');
    await assert.rejects(pushModule(bench.client, file, parseReference('127.0.0.1:1/app:1')), {
      code: 'InvalidModule',
    });
  });
});

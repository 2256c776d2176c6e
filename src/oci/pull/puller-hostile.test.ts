import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ScriptedImage, sha256 } from '../../../tests/registry/scripted-image.ts';
import { type Script, ScriptedServer } from '../../../tests/registry/scripted-server.ts';
import { tarBlock } from '../../../tests/registry/tar-block.ts';
import type { WorkbenchInit } from '../../../tests/registry/workbench.ts';
import { moduleOf, Workbench } from '../../../tests/registry/workbench.ts';
import type { OciErrorCode } from '../errors.ts';

const wasm = 'application/wasm';
const module = moduleOf(200_000);
const image = new ScriptedImage([{ mediaType: wasm, bytes: module }]);
const layerPath = `/v2/app/blobs/${sha256(module)}`;

/** Tells the truth but for one path. */
function lie(pathname: string, script: Script): Script {
  return (request, response) =>
    request.url === pathname ? script(request, response) : image.script(request, response);
}

const manifestPath = '/v2/app/manifests/1';
const json = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' };
const rootfs = 'application/vnd.oci.image.layer.v1.tar+gzip';
const imageOf = (archive: Buffer) =>
  new ScriptedImage([{ mediaType: rootfs, bytes: gzipSync(archive) }], {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    bytes: Buffer.from('{"config":{"Entrypoint":["/app.wasm"]}}'),
  });
const bomb = imageOf(tarBlock('0', 'zeros', Buffer.alloc(20_000_000)));

/** An image whose config has these variables. */
function withVariables(variables: readonly string[]): ScriptedImage {
  return new ScriptedImage([{ mediaType: rootfs, bytes: gzipSync(Buffer.alloc(1024)) }], {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    bytes: Buffer.from(JSON.stringify({ config: { Env: variables } })),
  });
}

const lies: readonly {
  readonly title: string;
  readonly script: Script;
  readonly code: OciErrorCode;
  readonly message: RegExp;
  readonly init?: WorkbenchInit;
}[] = [
  {
    title: 'a manifest that is not what its digest promises',
    script: lie(manifestPath, (_, response) =>
      response.writeHead(200, { ...json, 'docker-content-digest': sha256(module) }).end('{}'),
    ),
    code: 'DigestMismatch',
    message: /verify manifest '1' from 127.*expected sha256/,
  },
  {
    title: 'a layer that is not what its digest promises',
    script: lie(layerPath, (_, response) => response.end(Buffer.alloc(module.length, 1))),
    code: 'DigestMismatch',
    message: /verify a downloaded blob/,
  },
  {
    title: 'a layer that ends too early, every time',
    script: lie(layerPath, (_, response) => response.end(module.subarray(0, 1000))),
    code: 'RegistryUnavailable',
    message: /it ended after 1000 of \d+ bytes/,
  },
  {
    title: 'a layer without end',
    script: lie(layerPath, (_, response) => {
      const more = () => response.write(Buffer.alloc(65_536)) && setImmediate(more);
      response.on('drain', more);
      more();
    }),
    code: 'InvalidResponse',
    message: /more than its 200013 bytes are sent/,
  },
  {
    title: 'a layer that drips',
    script: lie(layerPath, (_, response) => {
      const timer = setInterval(() => response.write('x'), 5);
      response.on('close', () => clearInterval(timer));
    }),
    init: {
      store: {
        download: {
          minimumRate: { bytes: 10_000, milliseconds: 50 },
          retry: { attempts: 2, baseDelayMs: 1 },
        },
      },
    },
    code: 'RegistryUnavailable',
    message: /the download broke: too slow/,
  },
  {
    title: 'a layer that stalls',
    script: lie(layerPath, (_, response) => response.write('x')),
    init: {
      client: { bodyTimeoutMs: 50 },
    },
    code: 'RegistryUnavailable',
    message: /the connection broke: Body Timeout/,
  },
  {
    title: 'an answer that never begins',
    script: lie(manifestPath, () => true),
    init: { client: { headersTimeoutMs: 50 } },
    code: 'RegistryUnavailable',
    message: /cannot be reached: Headers Timeout/,
  },
  {
    title: 'redirects in circles',
    script: lie(manifestPath, (_, response) =>
      response.writeHead(307, { location: manifestPath }).end(),
    ),
    code: 'InvalidResponse',
    message: /more than 5 redirects/,
  },
  {
    title: 'a redirect to a file',
    script: lie(manifestPath, (_, response) =>
      response.writeHead(307, { location: 'file:///etc/passwd' }).end(),
    ),
    code: 'InvalidResponse',
    message: /redirect to 'file:'/,
  },
  {
    title: 'a web page',
    script: lie(manifestPath, (_, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in</html>'),
    ),
    code: 'InvalidResponse',
    message: /the answer is a web page \(text\/html\), not JSON/,
  },
  {
    title: 'JSON that is cut off',
    script: lie(manifestPath, (_, response) =>
      response.writeHead(200, json).end(image.manifest.subarray(0, 100)),
    ),
    code: 'InvalidResponse',
    message: /100 bytes that are not JSON/,
  },
  {
    title: 'JSON that is no manifest',
    script: lie(manifestPath, (_, response) =>
      response.writeHead(200, json).end('{"schemaVersion":2,"config":{"size":-1},"layers":[]}'),
    ),
    code: 'InvalidResponse',
    message: /not a manifest: config\.mediaType/,
  },
  {
    title: 'a manifest that is too large, and says so',
    script: lie(manifestPath, (_, response) =>
      response.writeHead(200, { 'content-length': 5_000_000 }).end(Buffer.alloc(5_000_000)),
    ),
    code: 'TooLarge',
    message: /5000000 bytes are more than the 4194304 bytes allowed/,
  },
  {
    title: 'a manifest without end',
    script: lie(manifestPath, (_, response) => {
      const more = () => response.write(Buffer.alloc(65_536)) && setImmediate(more);
      response.on('drain', more);
      more();
    }),
    code: 'TooLarge',
    message: /more than the 4194304 bytes allowed/,
  },
  {
    title: 'a layer beyond the limit',
    script: image.script,
    init: { store: { maxBlobBytes: 100_000 } },
    code: 'TooLarge',
    message: /200013 bytes, 100000 are allowed/,
  },
  {
    title: 'a config with a million variables',
    script: withVariables(Array.from({ length: 1_000_000 }, () => '')).script,
    code: 'TooLarge',
    message: /the config of .*app:1: it has 1000000 arguments and variables, 1000 are allowed/,
  },
  {
    title: 'a config with variables that are too long',
    script: withVariables(['V='.padEnd(300_000, 'x')]).script,
    code: 'TooLarge',
    message: /its arguments and variables have 300000 characters, 262144 are allowed/,
  },
  {
    title: 'an archive that unpacks to far more than its size',
    script: bomb.script,
    init: { puller: { layerLimits: { maxBytes: 1_000_000 } } },
    code: 'TooLarge',
    message: /more than the 1000000 bytes allowed/,
  },
  {
    title: 'an archive that is none',
    script: imageOf(Buffer.alloc(20_000, 'noise')).script,
    code: 'UnsupportedImage',
    message: /not a sound tar archive/,
  },
  {
    title: 'a module that is none',
    script: new ScriptedImage([{ mediaType: wasm, bytes: Buffer.from('\x7fELF....') }]).script,
    code: 'InvalidModule',
    message: /not a WebAssembly module: it is .*ELF/,
  },
];

describe('Puller, with a registry that lies', () => {
  for (const { title, script, code, message, init } of lies) {
    it(`refuses ${title}, and keeps nothing of it`, async () => {
      await using server = await ScriptedServer.start(script);
      await using bench = await Workbench.create(init);
      await assert.rejects(bench.puller.pull(`${server.host}/app:1`), { code, message });
      const known = (await bench.store.list()).filter((record) => record.module !== undefined);
      assert.deepEqual(known, []);
      const leftovers = await readdir(path.join(bench.directory, 'images/tmp'));
      // What was cut short may be resumed; what was a lie may not.
      const lied =
        code === 'RegistryUnavailable'
          ? /\.tmp$/
          : new RegExp(`\\.tmp$|${sha256(module).slice(7)}`);
      assert.deepEqual(
        leftovers.filter((name) => lied.test(name)),
        [],
      );
    });
  }

  it('asks twice for a layer that stalls, and goes on where it stopped', async () => {
    let sent = 0;
    await using server = await ScriptedServer.start(
      lie(layerPath, (_, response) => {
        response.writeHead(sent === 0 ? 200 : 206, {
          'content-range': `bytes ${sent}-${module.length - 1}/${module.length}`,
        });
        response.write(module.subarray(sent, sent + 1000));
        sent += 1000;
      }),
    );
    await using bench = await Workbench.create({ client: { bodyTimeoutMs: 50 } });
    await assert.rejects(bench.puller.pull(`${server.host}/app:1`), /Body Timeout/);
    const ranges = server.requests.filter(({ url }) => url === layerPath);
    assert.deepEqual(
      ranges.map(({ headers }) => headers.range),
      [undefined, 'bytes=1000-200012'],
    );
  });

  it('does not trust the first half of a download that broke', async () => {
    let isFirst = true;
    await using server = await ScriptedServer.start(
      lie(layerPath, (request, response) => {
        if (!isFirst) return image.script(request, response);
        isFirst = false;
        response.writeHead(200, { 'content-length': module.length });
        response.write(Buffer.alloc(5000, 9), () => response.destroy());
        return true;
      }),
    );
    await using bench = await Workbench.create();
    const pulled = await bench.puller.pull(`${server.host}/app:1`);
    assert.equal(pulled.moduleDigest, sha256(module));
    const ranges = server.requests.filter(({ url }) => url === layerPath);
    assert.deepEqual(
      ranges.map(({ headers }) => headers.range),
      [undefined, 'bytes=5000-200012', undefined],
    );
  });

  it('does not trust what a killed pull left', async () => {
    let isHalting = true;
    await using server = await ScriptedServer.start(
      lie(layerPath, (request, response) => {
        if (!isHalting) return image.script(request, response);
        response.writeHead(200, { 'content-length': module.length });
        response.write(module.subarray(0, 150_000));
        return true;
      }),
    );
    await using bench = await Workbench.create();
    const images = path.join(bench.directory, 'images');
    await killAt150000(server.host, images);
    assert.deepEqual(await bench.store.list(), []);
    isHalting = false;
    const pulled = await bench.puller.pull(`${server.host}/app:1`);
    assert.equal(pulled.moduleDigest, sha256(module));
    const ranges = server.requests.filter(({ url }) => url === layerPath);
    assert.deepEqual(
      ranges.map(({ headers }) => headers.range),
      [undefined, 'bytes=150000-200012'],
    );
  });

  it('takes no image of which a blob is missing', async () => {
    await using server = await ScriptedServer.start(
      lie(layerPath, (_, response) => response.writeHead(404).end()),
    );
    await using bench = await Workbench.create();
    await assert.rejects(bench.puller.pull(`${server.host}/app:1`), { code: 'NotFound' });
    assert.deepEqual(await bench.store.list(), []);
  });
});

/** Pulls in a process of its own, and kills that as soon as it has stored so much. */
async function killAt150000(host: string, images: string): Promise<void> {
  const program = `
    const { Puller } = await import(${JSON.stringify(import.meta.resolve('./puller.ts'))});
    const { ImageStore } = await import(${JSON.stringify(import.meta.resolve('../store/image-store.ts'))});
    const { RegistryClient } = await import(${JSON.stringify(import.meta.resolve('../registry/registry-client.ts'))});
    const store = new ImageStore({ directory: ${JSON.stringify(images)} });
    const puller = new Puller({ store, client: new RegistryClient() });
    const progress = (event) => event.receivedBytes === 150_000 && process.kill(process.pid, 'SIGKILL');
    await puller.pull('${host}/app:1', { progress });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: 'ignore',
  });
  const [, signal] = await once(child, 'exit');
  assert.equal(signal, 'SIGKILL');
}

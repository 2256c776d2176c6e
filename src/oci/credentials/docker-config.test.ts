import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { CredentialHelper } from './credential-helper.ts';
import { DockerConfigCredentials, parseDockerConfig } from './docker-config.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

async function find(config: unknown, registry: string, repository = 'team/app') {
  const credentials = new DockerConfigCredentials(parseDockerConfig(config, 'a test'));
  return await credentials.find({ registry, repository });
}

const matches: readonly (readonly [key: string, registry: string, repository: string, boolean])[] =
  [
    ['registry.example', 'registry.example', 'a', true],
    ['https://registry.example/v2/', 'registry.example', 'a', true],
    ['registry.example', 'registry.example:5000', 'a', false],
    ['registry.example:5000', 'registry.example:5000', 'a', true],
    ['registry.example/team', 'registry.example', 'team/app', true],
    ['registry.example/team/', 'registry.example', 'team/app', true],
    ['registry.example/team/app', 'registry.example', 'team/app', true],
    ['registry.example/tea', 'registry.example', 'team/app', false],
    ['registry.example/team/app/x', 'registry.example', 'team/app', false],
    ['*.example', 'registry.example', 'a', true],
    ['*.example', 'a.b.example', 'a', false],
    ['reg*y.example', 'registry.example', 'a', true],
    ['r*x*y.example', 'registry.example', 'a', false],
    ['ab*ba.example', 'aba.example', 'a', false],
    ['*', 'registry.example', 'a', false],
    ['https://index.docker.io/v1/', 'docker.io', 'library/a', true],
    ['docker.io', 'docker.io', 'library/a', true],
    ['registry.example', 'docker.io', 'library/a', false],
    ['[::1]:5000', '[::1]:5000', 'a', true],
    ['evil.example', 'registry.example.evil.example', 'a', false],
  ];

describe('DockerConfigCredentials', () => {
  for (const [key, registry, repository, isMatch] of matches) {
    it(`'${key}' ${isMatch ? 'opens' : 'does not open'} ${registry}/${repository}`, async () => {
      const found = await find(
        { auths: { [key]: { auth: base64('me:secret') } } },
        registry,
        repository,
      );
      const expected = { kind: 'password', username: 'me', password: 'secret' };
      assert.deepEqual(found, isMatch ? [expected] : []);
    });
  }

  it('has the most specific entry first', async () => {
    const auths = {
      'registry.example': { username: 'c', password: '' },
      '*.example/team': { username: 'b', password: '' },
      'registry.example/team': { username: 'a', password: '' },
      '*.example': { username: 'd', password: '' },
    };
    const found = await find({ auths }, 'registry.example');
    assert.deepEqual(
      found.map((one) => one.kind === 'password' && one.username),
      ['a', 'b', 'c', 'd'],
    );
  });

  it('reads every form of an entry', async () => {
    const entries = [
      [{ auth: base64('me:a:b\0\0') }, { kind: 'password', username: 'me', password: 'a:b' }],
      [
        { auth: base64('me:x'), identitytoken: 't' },
        { kind: 'identity-token', token: 't' },
      ],
      [{ registrytoken: 't' }, { kind: 'registry-token', token: 't' }],
      [
        { username: 'me', password: 'p' },
        { kind: 'password', username: 'me', password: 'p' },
      ],
    ];
    for (const [entry, expected] of entries) {
      assert.deepEqual(await find({ auths: { r: entry } }, 'r'), [expected]);
    }
    assert.deepEqual(await find({ auths: { r: {} } }, 'r'), []);
  });

  it('reads .dockercfg, which is the auths alone', async () => {
    const found = await find({ 'r.example': { auth: base64('me:p'), email: 'x' } }, 'r.example');
    assert.equal(found.length, 1);
  });

  it('names what is wrong without quoting it', () => {
    const wrong = [
      [{ auths: { r: { auth: base64('secret') } } }, /auths\['r'\]\.auth is not base64/],
      [{ auths: { r: { username: 7 } } }, /auths\.r\.username should be string/],
      [7, /a test: .*should be Object/],
      ['secret', /a test: .*should be Object/],
    ] as const;
    for (const [config, message] of wrong) {
      assert.throws(
        () => parseDockerConfig(config, 'a test'),
        (error: Error) => {
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /secret/);
          return true;
        },
      );
    }
  });
});

describe('CredentialHelper', () => {
  const answers: readonly (readonly [script: string, expected: unknown])[] = [
    [
      'read server; echo "{\\"Username\\":\\"me\\",\\"Secret\\":\\"$server\\"}"',
      { kind: 'password', username: 'me', password: 'https://index.docker.io/v1/' },
    ],
    ['echo \'{"Username":"<token>","Secret":"t"}\'', { kind: 'identity-token', token: 't' }],
    ['echo credentials not found in native keychain; exit 1', undefined],
    ['echo broken >&2; exit 2', /docker-credential-test': it ended with 2: broken/],
    ['echo my-secret', /its answer is not/],
    ['sleep 30', /it took too long/],
  ];

  for (const [script, expected] of answers) {
    it(`runs a helper that does: ${script}`, async () => {
      const directory = await mkdtemp(path.join(os.tmpdir(), 'helper-'));
      try {
        const file = path.join(directory, 'docker-credential-test');
        await writeFile(file, `#!/bin/sh\n${script}\n`);
        await chmod(file, 0o755);
        const env = { PATH: `${directory}:/usr/bin:/bin` };
        const helper = new CredentialHelper({ env, timeoutMs: 1000 });
        const config = parseDockerConfig({ credHelpers: { 'docker.io': 'test' } }, 'a test');
        const credentials = new DockerConfigCredentials(config, { helper });
        const found = credentials.find({ registry: 'docker.io', repository: 'a' });
        if (expected instanceof RegExp) await assert.rejects(found, expected);
        else assert.deepEqual(await found, expected === undefined ? [] : [expected]);
      } finally {
        await rm(directory, { recursive: true });
      }
    });
  }

  it('refuses names that are paths or options', async () => {
    const helper = new CredentialHelper({ env: {} });
    for (const name of ['../../bin/sh', 'a/b', '', '-x', 'a b']) {
      await assert.rejects(helper.get(name, 'r'), { code: 'InvalidConfiguration' });
    }
  });

  it('says that a helper is missing', async () => {
    const helper = new CredentialHelper({ env: { PATH: '/nonexistent' } });
    await assert.rejects(helper.get('test', 'r'), /docker-credential-test': .*ENOENT/);
  });
});

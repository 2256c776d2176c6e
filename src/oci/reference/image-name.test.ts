import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isOciError } from '../errors.ts';
import { imageName } from './image-name.ts';

const digest = `sha256:${'0a'.repeat(32)}`;

const accepted: readonly (readonly [text: string, name: string])[] = [
  ['hello', 'docker.io/library/hello:latest'],
  ['hello:1.0', 'docker.io/library/hello:1.0'],
  ['library/hello', 'docker.io/library/hello:latest'],
  ['docker.io/hello', 'docker.io/library/hello:latest'],
  ['index.docker.io/team/hello', 'docker.io/team/hello:latest'],
  ['team/hello', 'docker.io/team/hello:latest'],
  ['fs/hello', 'docker.io/fs/hello:latest'],
  ['a/b/c/d:x', 'docker.io/a/b/c/d:x'],
  ['localhost/hello', 'localhost/hello:latest'],
  ['localhost:5000/hello', 'localhost:5000/hello:latest'],
  ['REGISTRY/hello', 'REGISTRY/hello:latest'],
  ['registry.example/hello', 'registry.example/hello:latest'],
  ['registry.example:5000/a/b:v1', 'registry.example:5000/a/b:v1'],
  ['127.0.0.1:5000/a', '127.0.0.1:5000/a:latest'],
  ['[::1]:5000/a/b:v1', '[::1]:5000/a/b:v1'],
  ['[2001:db8::1]/a', '[2001:db8::1]/a:latest'],
  ['a__b/c-d--e.f_g', 'docker.io/a__b/c-d--e.f_g:latest'],
  [`hello@${digest}`, `docker.io/library/hello@${digest}`],
  [`hello:1@${digest}`, `docker.io/library/hello:1@${digest}`],
  [`[::1]:5000/a@${digest}`, `[::1]:5000/a@${digest}`],
  ['host:5000', 'docker.io/library/host:5000'],
  [`a:${'t'.repeat(128)}`, `docker.io/library/a:${'t'.repeat(128)}`],
  ['file:///srv/app.wasm', 'file:///srv/app.wasm'],
  ['file:/srv/app.wasm', 'file:///srv/app.wasm'],
  ['file:///srv/a/../my%20app.wasm', 'file:///srv/my%20app.wasm'],
  ['fs//srv/app.wasm', 'file:///srv/app.wasm'],
];

const refused: readonly (readonly [text: string, why: RegExp])[] = [
  ['', /it is empty/],
  [' hello', /spaces around/],
  ['https://registry.example/hello', /leave out the scheme/],
  ['Hello', /'Hello' must be lowercase/],
  ['registry.example/Hello', /must be lowercase/],
  ['a//b', /empty part between slashes/],
  ['registry.example/', /the name of the repository is missing/],
  ['a..b', /'a\.\.b' may have only a-z/],
  ['-a', /'-a' may have only/],
  ['a/b_/c', /'b_' may have only/],
  ['a:', /the tag after the colon is missing/],
  ['a:.x', /tag '\.x' may have only/],
  ['a:b:c', /tag 'b:c' may have only/],
  [`a:${'t'.repeat(129)}`, /longer than 128/],
  ['a@sha256:abc', /it has 3 digits, sha256 has 64/],
  ['a@md5:abc', /algorithm 'md5' is not sha256 or sha512/],
  ['a@abc', /must look like sha256:/],
  [`a@sha256:${'G'.repeat(64)}`, /only the digits 0-9 and a-f/],
  ['registry.example:99999/a', /port 99999 is not within 1 to 65535/],
  ['registry.example:x/a', /not a host with an optional port/],
  ['[::1/a', /not a host with an optional port/],
  [`${'a'.repeat(250)}/bcdef`, /longer than 255/],
  ['file:app.wasm', /give an absolute path/],
  ['file://server/app.wasm', /parse local module/],
];

describe('imageName', () => {
  for (const [text, name] of accepted) {
    it(`'${text.slice(0, 60)}' is ${name.slice(0, 60)}`, () => {
      assert.equal(imageName(text), name);
      assert.equal(imageName(name), name);
    });
  }

  for (const [text, why] of refused) {
    it(`refuses '${text.slice(0, 60)}': ${why.source}`, () => {
      assert.throws(
        () => imageName(text),
        (error) => isOciError(error, 'InvalidReference') && why.test(error.message),
      );
    });
  }
});

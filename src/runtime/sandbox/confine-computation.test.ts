import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

const skip = process.platform !== 'linux' && 'there is no seccomp';
const module = pathToFileURL(`${import.meta.dirname}/confine-computation.ts`);

/** Executes `code` in a process that has confined itself, and answers what it wrote. */
function confined(code: string) {
  const script = `
    import { spawnSync } from 'node:child_process';
    import { openSync, writeFileSync } from 'node:fs';
    import { connect } from 'node:net';
    import { confineComputation } from '${module}';
    const say = (text) => writeFileSync(1, text);
    const codeOf = (call) => {
      try {
        return call().error?.code ?? 'done';
      } catch ({ code }) {
        return code;
      }
    };
    confineComputation();
    ${code}`;
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
  const env = { UV_USE_IO_URING: '0' };
  return spawnSync(process.execPath, flags, { env, encoding: 'utf8', timeout: 60_000 });
}

describe('confineComputation', { skip }, () => {
  const refused = [
    ['opens no file', `say(codeOf(() => openSync('/etc/passwd')))`],
    ['makes none', `say(codeOf(() => openSync('/tmp/krustlet-escape', 'w')))`],
    ['executes nothing', `say(codeOf(() => spawnSync('/bin/true')))`],
    ['signals nobody', `say(codeOf(() => process.kill(process.ppid, 0)))`],
    ['connects to nobody', `connect(1, '127.0.0.1').on('error', ({ code }) => say(code))`],
  ] as const;
  for (const [what, code] of refused) {
    it(what, () => {
      assert.equal(confined(code).stdout, 'EPERM');
    });
  }

  it('compiles, collects garbage, and ends with its exit code', () => {
    const { stdout, stderr, status } = confined(`
      const bytes = Buffer.from('AGFzbQEAAAABBQFgAAF/AwIBAAcFAQFmAAAKBgEEAEEqCw==', 'base64');
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
      let sum = 0;
      for (let i = 0; i < 1_000_000; i++) sum += [exports.f()][0];
      say(String(sum));
      process.exitCode = 7;`);
    assert.deepEqual({ stdout, status }, { stdout: '42000000', status: 7 }, stderr);
  });

  it('takes no more memory than it may', () => {
    const { stdout } = confined(
      `say(codeOf(() => Array.from({ length: 6 }, () => new Uint8Array(2 ** 30).fill(1))) ?? 'none')`,
    );
    assert.equal(stdout, 'none');
  });
});

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';

const skip = process.platform !== 'linux' && 'there is no seccomp';
const module = pathToFileURL(`${import.meta.dirname}/confine-computation.ts`);

const env = { UV_USE_IO_URING: '0' };

/** Arguments of Node to execute `code` after it has confined itself. */
function confinedArguments(code: string): string[] {
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
  return ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
}

/** Executes `code` in a process that has confined itself, and answers what it wrote. */
function confined(code: string) {
  const options = { env, encoding: 'utf8', timeout: 60_000 } as const;
  return spawnSync(process.execPath, confinedArguments(code), options);
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

  it('lets others go first, with all of its threads, and ends some time', async () => {
    const child = spawn(process.execPath, confinedArguments(`say('ready'); for (;;);`), { env });
    try {
      await once(child.stdout, 'data');
      const limits = readFileSync(`/proc/${child.pid}/limits`, 'utf8');
      assert.match(limits, /^Max cpu time +60 +61 +seconds/m);
      assert.match(limits, /^Max file size +2147483648 +2147483648 +bytes/m);
      const threads = globSync(`/proc/${child.pid}/task/*/stat`);
      const nice = threads.map((file) => readFileSync(file, 'utf8').split(') ')[1]?.split(' ')[16]);
      assert.ok(nice.length > 1);
      assert.deepEqual(new Set(nice), new Set(['10']));
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('takes no more memory than it may', () => {
    const { stdout } = confined(
      `say(codeOf(() => Array.from({ length: 6 }, () => new Uint8Array(2 ** 30).fill(1))) ?? 'none')`,
    );
    assert.equal(stdout, 'none');
  });
});

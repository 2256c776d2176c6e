import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { duplicateForExec } from '../../wasi/libc/process.ts';

const descriptors = pathToFileURL(`${import.meta.dirname}/descriptors.ts`);
const bpfProgram = pathToFileURL(`${import.meta.dirname}/../sandbox/bpf-program.ts`);
const seccomp = pathToFileURL(`${import.meta.dirname}/../../wasi/libc/seccomp.ts`);

const closeRange = 436; // on x86-64 and arm64 alike
const allow = 0x7fff_0000;
const fail = 0x0005_0000;

describe('closeAllOnExec', () => {
  for (const [kernel, errno] of [
    ['of today', 0],
    ['without close_range', 38],
    ['whose close_range only closes', 22],
  ] as const) {
    it(`keeps what is open from the next program, on a kernel ${kernel}`, () => {
      const file = openSync('/etc/passwd', 'r');
      const leaked = duplicateForExec(file);
      const script = `
        import { execFileSync } from 'node:child_process';
        import { closeAllOnExec } from '${descriptors}';
        import { BpfProgram } from '${bpfProgram}';
        import { installFilter, setNoNewPrivileges } from '${seccomp}';
        const filter = new BpfProgram().load(0).ifEqual(${closeRange}, { otherwise: 1 });
        setNoNewPrivileges();
        if (${errno}) installFilter(filter.answer(${fail | errno}).answer(${allow}).bytes());
        const list = () => execFileSync('ls', ['/proc/self/fd'], { encoding: 'utf8' }).split('\\n');
        const before = list().includes('${leaked}');
        closeAllOnExec();
        process.stdout.write(JSON.stringify([before, list().includes('${leaked}')]));`;
      const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module'];
      const { stdout, stderr } = spawnSync(process.execPath, [...flags, '--eval', script], {
        encoding: 'utf8',
      });
      for (const fd of [file, leaked]) closeSync(fd);
      assert.equal(stdout, '[true,false]', stderr);
    });
  }
});

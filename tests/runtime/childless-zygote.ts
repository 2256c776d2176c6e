import { ensureForkable } from '../../src/runtime/launcher/ensure-forkable.ts';
import { BpfProgram } from '../../src/runtime/sandbox/bpf-program.ts';
import { installFilter, setNoNewPrivileges } from '../../src/wasi/libc/seccomp.ts';
import { systemCallArchitecture, systemCallNumber } from '../../src/wasi/libc/syscall-numbers.ts';

/* A zygote on a machine that lets no process fork children for its parent. */

const allow = 0x7fff_0000;
const refuse = 0x0005_0001; // EPERM
const cloneParent = 0x8000;
const numberOffset = 0;
const flagsOffset = 16;

ensureForkable(import.meta.filename);

const architecture = systemCallArchitecture();
const clone = architecture && systemCallNumber('clone', architecture);
if (clone === undefined) throw new Error('Cannot ban a system call without a number');
setNoNewPrivileges();
installFilter(
  new BpfProgram()
    .load(numberOffset)
    .ifEqual(clone, { otherwise: 3 })
    .load(flagsOffset)
    .ifAnyBit(cloneParent, { otherwise: 1 })
    .answer(refuse)
    .answer(allow)
    .bytes(),
);

const { runZygote } = await import('../../src/runtime/zygote/run-zygote.ts');
const { containerBodies } = await import('../../src/runtime/container/container-bodies.ts');
const { containerMain } = await import('../../src/runtime/zygote/zygote-scripts.ts');

await runZygote({ bodies: containerBodies, containerMain });

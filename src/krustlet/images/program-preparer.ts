import { type ExecFileException, execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as v from 'valibot';
import type { ModulePreparer } from '../../oci/store/module-preparer.ts';
import { programFile } from '../../runtime/program-file.ts';
import { preparedVersion } from '../../wasi/component/prepared-file.ts';
import { preparationAnswerSchema } from './preparation-answer.ts';

const main = programFile('krustlet/images/prepare-program-main');
/** Time for the largest of images on a busy machine. */
const timeout = 300_000;
const flags = ['--disable-warning=ExperimentalWarning'];
/** What asks for io_uring's rings would ask for more later. */
const env = { UV_USE_IO_URING: '0' };

/**
 * Validates programs by compiling them with the V8 that will run them, which is when it checks every
 * function; containers do not check again. Takes components apart and modules' loops out of their
 * functions, for containers to start from.
 *
 * It does so in a process of its own, which can do nothing but compute: what comes from a registry may
 * be after a hole in V8's compiler, and a component of 12 MB takes a second and some hundred
 * megabytes, too much for a process that others wait for.
 */
export const programPreparer: ModulePreparer = {
  version: `${preparedVersion} v8 ${process.versions.v8}, validated`,

  async prepare(file, target, { signal }) {
    if (process.platform === 'linux') {
      (await import('../../runtime/container/descriptors.ts')).closeAllOnExec();
    }
    const command = [...flags, main, file, target];
    const options = { env, timeout, ...(signal && { signal }) };
    const { stdout } = await promisify(execFile)(process.execPath, command, options).catch(
      (error: ExecFileException) => {
        throw signal?.aborted ? error : new Error(describeEnd(error), { cause: error });
      },
    );
    const answer = v.parse(preparationAnswerSchema, JSON.parse(stdout));
    if (answer.kind === 'refused') throw new Error(answer.reason);
    return { about: answer.about, original: answer.original };
  },
};

/** What went wrong, for whoever knows the program and not how it is prepared. */
function describeEnd({ killed, signal, code, stderr }: ExecFileException): string {
  if (killed) return `it took more than ${timeout / 1_000} s to prepare`;
  if (signal === 'SIGXCPU') return 'it takes too much processor time to prepare';
  const said = String(stderr);
  if (/out of memory|Cannot allocate memory/i.test(said)) {
    return 'it takes too much memory to prepare';
  }
  const reason = said.match(/^\w*Error: .*$/m)?.[0];
  return `it could not be prepared: ${reason ?? `the process ended with ${signal ?? `exit code ${code}`}`}`;
}

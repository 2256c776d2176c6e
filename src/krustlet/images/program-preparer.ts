import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as v from 'valibot';
import type { ModulePreparer } from '../../oci/store/module-preparer.ts';
import { programFile } from '../../runtime/program-file.ts';
import { preparedVersion } from '../../wasi/component/prepared-file.ts';
import { prepareModule } from './prepare-module.ts';
import { readLayer } from './read-layer.ts';

const main = programFile('krustlet/images/prepare-program-main');
/** Time for the largest of images on a busy machine. */
const timeout = 300_000;
const flags = ['--disable-warning=ExperimentalWarning'];
/** Up to this a module takes less time than starting a process. */
const smallModule = 256 * 1024;
/** Of larger ones little is hot, and all would be read. */
const largestModule = 4 * 1024 * 1024;

const answerSchema = v.variant('kind', [
  v.object({
    kind: v.literal('prepared'),
    about: v.record(v.string(), v.string()),
    original: v.boolean(),
  }),
  v.object({ kind: v.literal('refused'), reason: v.string() }),
]);

/**
 * Takes components apart and modules' loops out of their functions, for containers to start from, in
 * a process of its own: a second and some hundred megabytes for a component of 12 MB are too much for
 * one that others wait for.
 */
export const programPreparer: ModulePreparer = {
  version: `${preparedVersion} v8 ${process.versions.v8}`,

  async prepare(file, target, { signal }) {
    if ((await readLayer(file)) !== 'component') {
      const { size } = await stat(file);
      if (size > largestModule) return { about: { kind: 'module' }, original: true };
      if (size <= smallModule) return prepareModule(file, target);
    }
    const command = [...flags, main, file, target];
    const options = { env: {}, timeout, ...(signal && { signal }) };
    const { stdout } = await promisify(execFile)(process.execPath, command, options);
    const answer = v.parse(answerSchema, JSON.parse(stdout));
    if (answer.kind === 'refused') throw new Error(answer.reason);
    return answer;
  },
};

import path from 'node:path';
import { systemClock } from '../../oci/clock.ts';
import { isOciError } from '../../oci/errors.ts';
import { addModule } from '../../oci/pull/add-module.ts';
import { importLocalModule } from '../../oci/pull/import-local-module.ts';
import { openImageStore } from '../images/image-store.ts';
import { cannotRun, checkModuleFile } from './check-module-file.ts';
import type { Program } from './program.ts';

/**
 * Takes a module from a file. What runs is a copy in the image store, which nobody changes while
 * it runs, and which was validated when it was copied.
 *
 * @throws {UserError} where there is no such file, or it is no module that can be run
 */
export async function programOfFile(file: string, dataDir: string): Promise<Program> {
  await checkModuleFile(file);
  const store = await openImageStore(dataDir);
  try {
    const local = await importLocalModule(store, path.resolve(file), systemClock);
    const { module, prepared } = await addModule(store, local, {});
    if (module === undefined) throw new TypeError(`'${file}' has no module`);
    return {
      name: file,
      modulePath: store.blobs.path(module.digest),
      preparedPath: prepared && store.blobs.path(prepared.digest),
      entrypoint: [path.basename(file)],
      defaultArgs: [],
      env: [],
      workingDir: '/',
    };
  } catch (error) {
    if (!isOciError(error, 'InvalidModule')) throw error;
    throw cannotRun(file, error.message.replace(/^validate \S+: /, ''));
  }
}

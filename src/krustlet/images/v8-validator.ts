import type { ModuleValidator } from '../../oci/store/module-verdicts.ts';
import { validateModule } from '../run/validate-module.ts';
import { readLayer } from './read-layer.ts';

/**
 * Judges modules by compiling them with the V8 that will run them, which is when it checks every
 * function; containers do not check again. V8 does so beside this thread.
 */
export const v8Validator: ModuleValidator = {
  version: `v8 ${process.versions.v8}, types of imports`,
  async validate(file) {
    // Components are validated when they are prepared, which takes them apart anyway.
    if ((await readLayer(file)) !== 'component') await validateModule(file);
  },
};

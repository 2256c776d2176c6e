import { MappedFile } from '../../wasi/libc/mapped-file.ts';
import { openFlag } from '../../wasi/libc/open-flags.ts';
import { closeFile, openFile, seekEnd } from '../../wasi/libc/plain-file.ts';
import type { ContainerSpec } from '../container-spec.ts';
import { must } from '../sandbox/sandbox-error.ts';
import { openModule } from './open-module.ts';

/**
 * A module that is opened outside the sandbox and compiled inside. Compiling reads it from the
 * page cache, which all containers of one image share.
 */
export class ModuleFile {
  readonly #mapped: MappedFile;

  /**
   * Takes the module as it was prepared, unless that is there no more.
   *
   * @throws where the file cannot be opened, or is empty
   */
  constructor(spec: Pick<ContainerSpec, 'modulePath' | 'preparedPath' | 'exec'>) {
    const { modulePath, preparedPath } = spec;
    const prepared = preparedPath === undefined ? -1 : openFile(preparedPath, openFlag.readOnly);
    const fd = prepared < 0 ? openModule(spec) : prepared;
    try {
      this.#mapped = new MappedFile(fd, must(`read '${modulePath}'`, seekEnd(fd)));
    } finally {
      closeFile(fd);
    }
  }

  /** How long the module is. */
  get bytes(): number {
    return this.#mapped.bytes.byteLength;
  }

  /** Compiles the module, once; V8 keeps a copy of its bytes. */
  compile(): WebAssembly.Module {
    using mapped = this.#mapped;
    return new WebAssembly.Module(mapped.bytes);
  }
}

import { stat } from 'node:fs/promises';
import { ImageError } from '../../src/kubelet/images/image-error.ts';
import type { ImageSource, PresentImage } from '../../src/kubelet/images/image-source.ts';

/** Images that are programs of this machine: each reference is a program's absolute path. */
export class LocalPrograms implements ImageSource {
  async image(reference: string): Promise<PresentImage> {
    const { size } = await stat(reference).catch((cause) => {
      const message = `there is no program "${reference}" on this machine`;
      throw new ImageError('ErrImagePull', message, { cause });
    });
    const digest = `sha256:${'0'.repeat(64)}`; // a path names what is there now
    return { reference, digest, path: reference, entrypoint: [], cmd: [], env: [], size };
  }

  async directory(reference: string): Promise<never> {
    throw new ImageError('ErrImagePull', `image volume "${reference}" is a program`);
  }
}

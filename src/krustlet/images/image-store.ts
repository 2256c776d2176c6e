import path from 'node:path';
import { ImageStore } from '../../oci/store/image-store.ts';
import { programPreparer } from './program-preparer.ts';

/** Opens the images of a data folder. */
export async function openImageStore(dataDir: string): Promise<ImageStore> {
  const store = new ImageStore(
    { directory: path.join(dataDir, 'images') },
    { preparer: programPreparer },
  );
  await store.open();
  return store;
}

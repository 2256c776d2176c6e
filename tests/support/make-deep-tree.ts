import { type FileHandle, mkdir, open } from 'node:fs/promises';

const pathOnly = 0o10000000; // O_PATH, not among Node's constants

/** Makes directories below each other, all of one name, as deep as no path leads. */
export async function makeDeepTree(
  directory: string,
  { levels, name }: { readonly levels: number; readonly name: string },
): Promise<void> {
  let current: FileHandle = await open(directory, pathOnly);
  for (let level = 0; level < levels; level += 1) {
    const place = `/proc/self/fd/${current.fd}/${name}`;
    await mkdir(place);
    const next = await open(place, pathOnly);
    await current.close();
    current = next;
  }
  await current.close();
}

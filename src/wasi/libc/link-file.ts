import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { cString, place } from './struct-page.ts';

const currentDirectory = -100; // AT_FDCWD

/** Gives a file in an open directory a second name. 0 or a negated errno. */
export function linkFile(
  { directory, name }: { readonly directory: number; readonly name: string },
  path: string,
): number {
  const [from, to] = place(cString(name), cString(path));
  return callResult(libc.linkat(directory, from, currentDirectory, to, 0));
}

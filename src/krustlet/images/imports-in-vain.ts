import { readFile } from 'node:fs/promises';
import { missingImports } from '../../wasi/preview1/import-types.ts';
import { readLayer } from './read-layer.ts';

/**
 * Says what a module imports that nobody provides here, which would be told when it starts only.
 * Components are taken apart by those who start them.
 *
 * @returns `undefined` where it imports nothing in vain
 */
export async function importsInVain(file: string): Promise<string | undefined> {
  if ((await readLayer(file)) === 'component') return undefined;
  const missing = missingImports(await readFile(file));
  if (missing.length === 0) return undefined;
  return `it imports what WASI preview1 does not have: ${missing.join(', ')}`;
}

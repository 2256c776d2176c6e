import { pathToFileURL } from 'node:url';
import { localModulePath } from './local-module.ts';
import { parseReference } from './parse-reference.ts';
import { formatReference } from './reference.ts';

/**
 * The name that the store keeps an image under, from whatever a person calls it.
 *
 * @throws OciError `InvalidReference`
 */
export function imageName(text: string): string {
  const local = localModulePath(text);
  return local === undefined ? formatReference(parseReference(text)) : pathToFileURL(local).href;
}

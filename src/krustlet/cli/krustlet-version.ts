import { readFileSync } from 'node:fs';
import path from 'node:path';
import { packageFolder } from '../../runtime/program-file.ts';

/** The version in package.json. */
export function krustletVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(path.join(packageFolder, 'package.json'), 'utf8'),
  );
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    return String(manifest.version);
  }
  throw new Error("reading krustlet's version failed: package.json has none");
}

import { readFileSync } from 'node:fs';

/** The version in package.json, which is two folders up from here in the sources and in `dist`. */
export function krustletVersion(): string {
  const manifest: unknown = JSON.parse(
    readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'),
  );
  if (typeof manifest === 'object' && manifest !== null && 'version' in manifest) {
    return String(manifest.version);
  }
  throw new Error("reading krustlet's version failed: package.json has none");
}

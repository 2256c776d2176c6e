import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { fileAccess } from '../../wasi/libc/landlock.ts';
import { packageFolder } from '../program-file.ts';
import type { FileRule } from '../sandbox/sandbox-policy.ts';

const libraries = ['/lib', '/lib64', '/usr/lib', '/usr/lib64'];

/** What container processes import. */
const dependencies = ['valibot', 'undici'];

const load = fileAccess.readFile | fileAccess.readDirectory | fileAccess.execute;
const loadFile = fileAccess.readFile | fileAccess.execute;
const readTree = fileAccess.readFile | fileAccess.readDirectory;
const readWriteFile = fileAccess.readFile | fileAccess.writeFile;

/** What Node needs to load itself and this package: nothing that a guest could change. */
export function programFiles(): FileRule[] {
  const rules = [
    { path: process.execPath, access: loadFile },
    ...libraries.map((directory) => ({ path: directory, access: load })),
    { path: '/etc/ld.so.cache', access: fileAccess.readFile },
    { path: '/proc/self', access: readTree },
    { path: '/dev/null', access: readWriteFile },
    { path: packageFolder, access: readTree },
    ...dependencies.map((name) => ({ path: dependencyRoot(name), access: readTree })),
  ];
  return rules.filter((rule) => existsSync(rule.path));
}

/** A dependency may be installed beside this package rather than in it. */
function dependencyRoot(name: string): string {
  const entry = realpathSync(fileURLToPath(import.meta.resolve(name)));
  const end = entry.lastIndexOf(`${path.sep}${name}${path.sep}`) + name.length + 1;
  return entry.slice(0, end);
}

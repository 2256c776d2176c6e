import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Builds krustlet as its package has it, since a checkout runs on sources whose types are taken
 * out at run time, by a compiler that takes 22 MB. Gives the program. It lies in the checkout itself,
 * since `.cache` may be a link to another one's: there it would find that one's dependencies.
 */
export function buildProgram(): string {
  const directory = path.join(root, 'node_modules', '.cache', 'bench');
  rmSync(directory, { recursive: true, force: true });
  const bundler = path.join(root, 'scripts', 'bundle-program.ts');
  const options = ['--disable-warning=ExperimentalWarning', bundler, path.join(directory, 'dist')];
  execFileSync(process.execPath, options, { stdio: 'inherit' });
  for (const name of ['bin', 'package.json']) {
    cpSync(path.join(root, name), path.join(directory, name), { recursive: true });
  }
  return path.join(directory, 'bin', 'krustlet.js');
}

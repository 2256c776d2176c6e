import { spawnSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Builds krustlet as its package has it, since a checkout runs on sources whose types are taken
 * out at run time, by a compiler that takes 22 MB. Gives the program.
 */
export function buildProgram(): string {
  const directory = path.join(root, '.cache', 'bench');
  rmSync(directory, { recursive: true, force: true });
  const compiler = path.join(root, 'node_modules', '.bin', 'tsc');
  const options = ['--project', 'tsconfig.build.json', '--outDir', path.join(directory, 'dist')];
  const { status, stdout } = spawnSync(compiler, options, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`building krustlet failed:\n${stdout}`);
  for (const name of ['bin', 'package.json']) {
    cpSync(path.join(root, name), path.join(directory, name), { recursive: true });
  }
  return path.join(directory, 'bin', 'krustlet.js');
}

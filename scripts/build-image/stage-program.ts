import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** Where the program is in the image, and the Node that it brings along. */
const home = '/opt/krustlet';
const node = `${home}/node_modules/node-linux-${process.arch}/bin/node`;

/** What the image runs. */
export const program = '/usr/local/bin/krustlet';

/**
 * Lays out below the folder what the image has beyond its base: what the npm package holds, its
 * dependencies as package-lock.json pins them, and both programs on the PATH.
 */
export function stageProgram(folder: string): void {
  const packed = mkdtempSync(`${folder}-packed-`);
  npm(root, 'pack', '--silent', '--pack-destination', packed);
  const place = path.join(folder, home);
  mkdirSync(place, { recursive: true });
  const unpack = ['--extract', '--strip-components=1', '--directory', place, '--file'];
  execFileSync('sh', ['-c', 'tar "$@" "$0"/*.tgz', packed, ...unpack]);
  rmSync(packed, { recursive: true });
  installDependencies(place);
  const programs = path.join(folder, path.dirname(program));
  mkdirSync(programs, { recursive: true });
  symlinkSync(`${home}/bin/krustlet.js`, path.join(programs, 'krustlet'));
  symlinkSync(node, path.join(programs, 'node'));
}

function installDependencies(place: string): void {
  const lock = path.join(place, 'package-lock.json');
  copyFileSync(path.join(root, 'package-lock.json'), lock);
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline'];
  npm(place, 'ci', '--omit=dev', '--ignore-scripts', ...quiet);
  rmSync(lock);
  rmSync(path.join(place, 'node_modules', '.package-lock.json'));
}

function npm(cwd: string, ...args: string[]): void {
  execFileSync('npm', args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
}

/**
 * Makes the JavaScript of the package: merges the sources into few files, as each file that a process
 * loads takes it most of a millisecond. What is executed, loaded or imported by its name stays where
 * it is in `src`; what several of these have in common is in `chunks`. Dependencies stay outside, for
 * npm to keep.
 *
 *     node scripts/bundle-program.ts [DIRECTORY, else dist]
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import type { ProgramParts } from '../src/runtime/program-part.ts';

const root = path.resolve(import.meta.dirname, '..');
const [target = 'dist'] = process.argv.slice(2);

const parts = {
  'runtime/builtin/builtin-body': true,
  'runtime/engines/cgi/open-cgi-server': true,
  'runtime/engines/component/component-body': true,
  'runtime/engines/component/event-loop-bodies': true,
  'runtime/engines/sending-modules': true,
  'runtime/engines/v8-body': true,
  'runtime/engines/wasmtime/wasmtime-body': true,
  'wasi/component/http/undici-http': true,
  'wasi/experimental-http/module-http': true,
} as const satisfies Record<keyof ProgramParts, true>;

/**
 * Each group is merged by itself, as its files never meet those of another in one process: what they
 * have in common is then not cut into as many pieces.
 */
const groups = [
  ['runtime/zygote/zygote-main', 'runtime/container/container-main', ...Object.keys(parts)],
  [
    'runtime/launcher/launcher-main',
    'runtime/pump/log-pump-main',
    'runtime/pump/terminal-pump-main',
  ],
  ['runtime/engines/component/threads/thread-main'],
  ['krustlet/main', 'krustlet/images/prepare-program-main', 'mod', 'kubelet/provider-contract'],
];

const options = [
  '--bundle',
  '--splitting',
  '--platform=node',
  '--format=esm',
  '--target=esnext',
  '--packages=external',
  '--charset=utf8',
  '--outbase=src',
  `--outdir=${path.resolve(root, target)}`,
  '--chunk-names=chunks/[hash]',
  '--tsconfig-raw={"compilerOptions":{"target":"esnext","verbatimModuleSyntax":true}}',
  '--log-level=warning',
];

for (const group of groups) bundle(group.map((name) => `src/${name}.ts`));

/** esbuild is a module of WASI, so this host runs it: it sees the whole file system, as any bundler. */
function bundle(entries: readonly string[]): void {
  execFileSync(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      path.join(root, 'scripts/run-preview1.ts'),
      ...['--dir', '/::/', '--env', `PWD=${root}`, '--'],
      path.join(root, 'node_modules/@esbuild/wasi-preview1/esbuild.wasm'),
      ...entries,
      ...options,
    ],
    { stdio: 'inherit' },
  );
}

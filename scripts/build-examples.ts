import { execFileSync } from 'node:child_process';
import { globSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';

// Compiles examples/assembly/*.ts to examples/modules/*.wasm where the sources are newer.

const examples = path.resolve(import.meta.dirname, '..', 'examples');
const library = path.join(examples, 'assembly', 'wasi.ts');
const compiler = path.join(
  import.meta.dirname,
  '..',
  'node_modules',
  'assemblyscript',
  'bin',
  'asc.js',
);

mkdirSync(path.join(examples, 'modules'), { recursive: true });
for (const source of globSync(path.join(examples, 'assembly', '*.ts')).sort()) {
  if (source === library) continue;
  const module = path.join(examples, 'modules', `${path.basename(source, '.ts')}.wasm`);
  if (changedAt(module) > Math.max(changedAt(source), changedAt(library))) continue;
  compile(source, module);
  console.log(`Built ${path.relative(process.cwd(), module)}, ${statSync(module).size} bytes`);
}

function changedAt(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function compile(source: string, module: string): void {
  const options = ['--optimize', '--exportStart', '_start', '--use', 'abort=wasi/abort'];
  execFileSync(
    process.execPath,
    [compiler, path.basename(source), '--outFile', module, ...options],
    {
      cwd: path.dirname(source),
      stdio: 'inherit',
    },
  );
}

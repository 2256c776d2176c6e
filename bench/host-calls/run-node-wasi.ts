/** Runs a module by Node's own WASI: `node run-node-wasi.ts DIRECTORY MODULE`. */
import { readFileSync } from 'node:fs';
import { WASI } from 'node:wasi';

const [directory = '', file = ''] = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', args: [file], preopens: { '/': directory } });
const module = new WebAssembly.Module(readFileSync(file));
const imports = { wasi_snapshot_preview1: wasi.wasiImport as WebAssembly.ModuleImports }; // is one
process.exitCode = wasi.start(new WebAssembly.Instance(module, imports));

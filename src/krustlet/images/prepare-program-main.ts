import { readFileSync, writeFileSync } from 'node:fs';
import { MalformedBinary } from '../../wasi/component/binary/malformed-binary.ts';
import { layerOf } from '../../wasi/component/binary/preamble.ts';
import { describeWasm } from '../../wasi/component/describe-wasm.ts';
import { MissingImports } from '../../wasi/component/link/missing-imports.ts';
import { UnsupportedComponent } from '../../wasi/component/link/unsupported-component.ts';
import { loadProgram } from '../../wasi/component/load-program.ts';
import { prepareComponent } from '../../wasi/component/prepared-component.ts';
import { encodePrepared } from '../../wasi/component/prepared-file.ts';
import { prepareModule } from './prepare-module.ts';

/* The script that prepares a program: reads the first file, writes the second, answers in JSON. */

const [, , source = '', target = ''] = process.argv;
process.stdout.write(JSON.stringify(answer()));

function answer(): object {
  const bytes = readFileSync(source);
  if (layerOf(bytes) !== 'component') {
    return { kind: 'prepared', ...prepareModule(source, target) };
  }
  try {
    return { kind: 'prepared', about: prepare(bytes), original: false };
  } catch (error) {
    if (!isComponents(error)) throw error;
    return { kind: 'refused', reason: `it is a component that cannot be run: ${error.message}` };
  }
}

function prepare(bytes: Uint8Array): Record<string, string> {
  const description = describeWasm(bytes);
  const prepared = prepareComponent(bytes);
  loadProgram(prepared); // compiles it all, and finds imports that nobody provides
  writeFileSync(target, encodePrepared(prepared), { mode: 0o444 });
  const { isolation } = prepared;
  return {
    kind: 'component',
    workload: description?.kind === 'component' ? description.workload : 'library',
    isolation: isolation.kind,
    ...(isolation.kind === 'fresh' && { isolationReason: isolation.detail }),
  };
}

/** Whether the component is at fault, and not the machine. */
function isComponents(error: unknown): error is Error {
  return (
    error instanceof UnsupportedComponent ||
    error instanceof MalformedBinary ||
    error instanceof MissingImports ||
    error instanceof WebAssembly.CompileError ||
    error instanceof WebAssembly.LinkError
  );
}

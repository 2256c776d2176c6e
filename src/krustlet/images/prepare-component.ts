import { MalformedBinary } from '../../wasi/component/binary/malformed-binary.ts';
import { describeWasm } from '../../wasi/component/describe-wasm.ts';
import { MissingImports } from '../../wasi/component/link/missing-imports.ts';
import { UnsupportedComponent } from '../../wasi/component/link/unsupported-component.ts';
import { loadProgram } from '../../wasi/component/load-program.ts';
import { prepareComponent as takeApart } from '../../wasi/component/prepared-component.ts';
import { encodePrepared } from '../../wasi/component/prepared-file.ts';
import type { Preparation } from './preparation-answer.ts';

/** Takes a component apart, compiles it, and finds imports that nobody provides. */
export function prepareComponent(bytes: Uint8Array<ArrayBuffer>): Preparation {
  try {
    return prepare(bytes);
  } catch (error) {
    if (!isComponents(error)) throw error;
    const reason = `it is a component that cannot be run: ${error.message}`;
    return { answer: { kind: 'refused', reason } };
  }
}

function prepare(bytes: Uint8Array<ArrayBuffer>): Preparation {
  const description = describeWasm(bytes);
  const prepared = takeApart(bytes);
  loadProgram(prepared);
  const { isolation } = prepared;
  const about = {
    kind: 'component',
    workload: description?.kind === 'component' ? description.workload : 'library',
    isolation: isolation.kind,
    ...(isolation.kind === 'fresh' && { isolationReason: isolation.detail }),
  };
  return {
    answer: { kind: 'prepared', about, original: false },
    content: encodePrepared(prepared),
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

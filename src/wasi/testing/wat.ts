import wabt from 'wabt';

const { parseWat } = await wabt();

/** Compiles the text form of a module. */
export function wat(text: string): WebAssembly.Module {
  const parsed = parseWat('test.wat', text, { exceptions: true });
  try {
    return new WebAssembly.Module(new Uint8Array(parsed.toBinary({}).buffer));
  } finally {
    parsed.destroy();
  }
}

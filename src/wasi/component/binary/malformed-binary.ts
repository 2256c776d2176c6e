/** Thrown where bytes are not the WebAssembly they claim to be; `offset` counts from the file's start. */
export class MalformedBinary extends Error {
  override readonly name = 'MalformedBinary';
  readonly code = 'MalformedBinary';
  readonly offset: number;

  constructor(what: string, offset: number) {
    super(`Cannot decode the binary: ${what} at byte ${offset}`);
    this.offset = offset;
  }
}

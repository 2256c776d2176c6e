const formats: readonly (readonly [start: string, name: string])[] = [
  ['\x7fELF', 'a program for Linux (ELF): build it for wasm32-wasip1'],
  ['\xcf\xfa\xed\xfe', 'a program for macOS (Mach-O): build it for wasm32-wasip1'],
  ['MZ', 'a program for Windows: build it for wasm32-wasip1'],
  ['\x1f\x8b', 'compressed with gzip: unpack it first'],
  ['\x28\xb5\x2f\xfd', 'compressed with zstd: unpack it first'],
  ['PK\x03\x04', 'a ZIP archive: unpack it first'],
  ['!<arch>\n', 'an archive of object files: link it first'],
  ['BC\xc0\xde', 'LLVM bitcode: compile and link it first'],
  ['#!', 'a script'],
  ['(module', 'WebAssembly text: assemble it first, with wat2wasm'],
  ['(component', 'WebAssembly text: assemble it first'],
  ['<!doctype', 'an HTML page'],
  ['<html', 'an HTML page'],
];

/** Says what a file is that begins with these bytes and is no WebAssembly, as in "it is …". */
export function nameFileFormat(head: Buffer): string {
  if (head.length === 0) return 'empty';
  const bytes = head.toString('latin1').toLowerCase();
  const known = formats.find(([start]) => bytes.trimStart().startsWith(start.toLowerCase()));
  if (known !== undefined) return known[1];
  if (!isText(head)) return `of an unknown kind: it begins with ${head.toString('hex', 0, 8)}`;
  return looksLikeJavaScript(bytes)
    ? 'JavaScript: compile it first, with a tool such as javy'
    : 'text';
}

function isText(head: Buffer): boolean {
  // The head may end within a character: only what decodes wrongly before that counts.
  const text = new TextDecoder('utf-8').decode(head, { stream: true });
  return !/(?!\s)\p{Cc}|\ufffd/u.test(text);
}

function looksLikeJavaScript(text: string): boolean {
  return /^\s*(?:\/\/|\/\*|['"]use strict|import |export |const |let |var |(?:async )?function )/m.test(
    text,
  );
}

import { createRequire } from 'node:module';
import { programFile } from './program-file.ts';

/** What only some container processes need, by the file that holds it. */
export interface ProgramParts {
  readonly 'runtime/builtin/builtin-body': typeof import('./builtin/builtin-body.ts');
  readonly 'runtime/engines/cgi/open-cgi-server': typeof import('./engines/cgi/open-cgi-server.ts');
  readonly 'runtime/engines/component/component-body': typeof import('./engines/component/component-body.ts');
  readonly 'runtime/engines/component/event-loop-bodies': typeof import('./engines/component/event-loop-bodies.ts');
  readonly 'runtime/engines/sending-modules': typeof import('./engines/sending-modules.ts');
  readonly 'runtime/engines/v8-body': typeof import('./engines/v8-body.ts');
  readonly 'runtime/engines/wasmtime/wasmtime-body': typeof import('./engines/wasmtime/wasmtime-body.ts');
  readonly 'wasi/component/http/undici-http': typeof import('../wasi/component/http/undici-http.ts');
  readonly 'wasi/experimental-http/module-http': typeof import('../wasi/experimental-http/module-http.ts');
}

/**
 * Loads a part of the program, at once: a process that needs it can do so before its sandbox closes,
 * and all others do not carry it along.
 */
export function loadProgramPart<Name extends keyof ProgramParts>(name: Name): ProgramParts[Name] {
  return createRequire(import.meta.filename)(programFile(name));
}

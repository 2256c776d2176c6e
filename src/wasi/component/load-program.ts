import { hostInterfaces } from './interfaces.ts';
import { linkProgram, type Program } from './link/program.ts';
import type { PreparedComponent } from './prepared-component.ts';

/**
 * Compiles a prepared component and links it with the host. It compiles in this thread: a forked
 * process has no other, and V8 leaves most of the work to the first call of each function.
 *
 * @throws {MissingImports} naming the functions that nobody provides
 */
export function loadProgram({ modules, plan, isolation }: PreparedComponent): Program {
  const compiled = new Map(
    modules.map(({ index, bytes }) => [index, new WebAssembly.Module(bytes)] as const),
  );
  const resettable = isolation.kind === 'reset';
  return linkProgram({ plan, modules: compiled, resettable }, hostInterfaces);
}

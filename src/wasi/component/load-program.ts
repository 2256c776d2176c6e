import { hostInterfaces } from './interfaces.ts';
import { type Compiled, linkProgram, type Program } from './link/program.ts';
import type { PreparedComponent } from './prepared-component.ts';

/**
 * Compiles a prepared component and links it with the host.
 *
 * @throws {MissingImports} naming the functions that nobody provides
 */
export function loadProgram(component: PreparedComponent): Program {
  return linkWithHost(compileComponent(component));
}

/**
 * Compiles a prepared component. It compiles in this thread: a forked process has no other, and V8
 * leaves most of the work to the first call of each function. Other threads can be given the result:
 * they share the code.
 */
export function compileComponent({ modules, plan, isolation }: PreparedComponent): Compiled {
  const compiled = new Map(
    modules.map(({ index, bytes }) => [index, new WebAssembly.Module(bytes)] as const),
  );
  return { plan, modules: compiled, resettable: isolation.kind === 'reset' };
}

/** @throws {MissingImports} as {@link loadProgram} */
export function linkWithHost(compiled: Compiled): Program {
  return linkProgram(compiled, hostInterfaces);
}

import { hostInterfaces } from './interfaces.ts';
import { linkProgram, type Program } from './link/program.ts';
import type { PreparedComponent } from './prepared-component.ts';

/**
 * Compiles a prepared component and links it with the host.
 *
 * @throws {MissingImports} naming the functions that nobody provides
 */
export async function loadProgram(prepared: PreparedComponent): Promise<Program> {
  const modules = await Promise.all(
    prepared.modules.map(
      async ({ index, bytes }) => [index, await WebAssembly.compile(bytes)] as const,
    ),
  );
  const { plan, isolation } = prepared;
  const resettable = isolation.kind === 'reset';
  return linkProgram({ plan, modules: new Map(modules), resettable }, hostInterfaces);
}

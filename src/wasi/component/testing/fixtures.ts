import { readFileSync } from 'node:fs';
import path from 'node:path';
import { NativeSystem } from '../../native/native-system.ts';
import { SuspendingWaiter } from '../io/suspending-waiter.ts';
import type { World } from '../world.ts';

const directory = path.resolve(import.meta.dirname, '../../../../tests/fixtures/components');

/** The bytes of a test component; its source and build script lie beside it. */
export function componentFixture(
  name:
    | 'async-command'
    | 'catch-all'
    | 'command'
    | 'composed-async'
    | 'composed-catch-all'
    | 'composed-command'
    | 'composed-deadlock'
    | 'composed-destructor'
    | 'composed-failure'
    | 'composed-hostile'
    | 'configured'
    | 'deadlock'
    | 'http-catch-all'
    | 'http-composed'
    | 'http-echo'
    | 'http-hello'
    | 'http-invalid'
    | 'http-routes'
    | 'http-service'
    | 'http-service-composed'
    | 'own-resource'
    | 'sockets'
    | 'stdin-to-stdout',
): Buffer {
  return readFileSync(path.join(directory, `${name}.wasm`));
}

/** A world with nothing in it but the system, whose output is kept as text. */
export function testWorld(
  over: Partial<World> = {},
): World & { readonly output: { text: string } } {
  const system = new NativeSystem();
  const output = { text: '' };
  const sink = {
    write(bytes: Uint8Array): number {
      output.text += Buffer.from(bytes).toString();
      return 0;
    },
  };
  return {
    system,
    arguments: [],
    environment: [],
    workingDirectory: undefined,
    stdin: undefined,
    stdout: sink,
    stderr: sink,
    preopens: [],
    configuration: new Map(),
    waiter: new SuspendingWaiter(system),
    http: undefined,
    ...over,
    output,
  };
}

import { NativeSystem } from '../native/native-system.ts';
import { PortableSystem } from '../portable/portable-system.ts';
import type { System } from '../system/system.ts';

/** Both systems: what holds for a guest is tested on each. */
export const systems: readonly { readonly name: string; make(): System }[] = [
  ...(process.platform === 'linux' ? [{ name: 'native', make: () => new NativeSystem() }] : []),
  { name: 'portable', make: () => new PortableSystem() },
];

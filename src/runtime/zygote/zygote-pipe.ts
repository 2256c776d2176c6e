import { openPipe } from '../../wasi/libc/pipe.ts';

/** A pipe between a zygote and its children. @throws where none can be made */
export function zygotePipe(): { readonly read: number; readonly write: number } {
  const ends = openPipe();
  if (typeof ends === 'number') throw new Error(`Cannot make a pipe: errno ${-ends}`);
  return ends;
}

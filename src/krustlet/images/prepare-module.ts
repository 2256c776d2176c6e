import { outlineLoops } from '../../wasi/hot-loops/outline-loops.ts';
import type { Preparation } from './preparation-answer.ts';
import { InvalidModule, validateModule } from './validate-module.ts';

/** Of larger ones little is hot, and all would be read. */
const largestWithLoops = 4 * 1024 * 1024;

/** Validates a module, and takes its loops out of their functions, where it has such loops. */
export function prepareModule(bytes: Uint8Array<ArrayBuffer>): Preparation {
  try {
    validateModule(bytes);
  } catch (error) {
    if (!(error instanceof InvalidModule)) throw error;
    return { answer: { kind: 'refused', reason: error.message } };
  }
  const content = bytes.length > largestWithLoops ? undefined : outlineLoops(bytes);
  const original = content === undefined;
  return {
    answer: { kind: 'prepared', about: { kind: 'module' }, original },
    ...(content && { content }),
  };
}

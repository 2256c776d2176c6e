import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { layerOf } from '../../wasi/component/binary/preamble.ts';
import type { PreparationAnswer } from './preparation-answer.ts';

/*
 * The script that prepares a program: reads the first file, writes the second, answers in JSON. It
 * has opened all that it needs before it looks at the program, and then can open nothing more.
 */

const [, , source = '', target = ''] = process.argv;
const bytes = readFileSync(source);
const output = openSync(target, 'wx', 0o444);
const prepare =
  layerOf(bytes) === 'component'
    ? (await import('./prepare-component.ts')).prepareComponent
    : (await import('./prepare-module.ts')).prepareModule;
if (process.platform === 'linux') {
  (await import('../../runtime/sandbox/confine-computation.ts')).confineComputation();
}
writeFileSync(1, JSON.stringify(answer()));

function answer(): PreparationAnswer {
  const { answer, content } = prepare(bytes);
  if (content !== undefined) writeFileSync(output, content);
  return answer;
}

import { continueContainer } from '../../src/runtime/container/become-container.ts';
import { receiveHandover } from '../../src/runtime/launcher/handover.ts';
import { echo } from './echo-body.ts';

continueContainer(receiveHandover(), { v8: echo, wasmtime: echo });

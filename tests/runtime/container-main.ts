import { runContainer } from '../../src/runtime/container/run-container.ts';
import { echo } from './echo-body.ts';
runContainer({ v8: echo, wasmtime: echo });

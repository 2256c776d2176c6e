import { Resource } from '../abi/resource.ts';
import type { Readiness } from './readiness.ts';

/** `wasi:io/poll.pollable`. */
export class Pollable extends Resource {
  readonly readiness: Readiness;

  constructor(readiness: Readiness, parent?: Resource) {
    super(parent);
    this.readiness = readiness;
  }
}

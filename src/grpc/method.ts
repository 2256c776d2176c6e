import type { Message } from './protobuf/message.ts';

/** One method of a service. */
export interface Method<Request, Response> {
  /** Such as `/csi.v1.Node/NodeGetInfo`. */
  readonly path: string;
  readonly request: Message<Request>;
  readonly response: Message<Response>;
}

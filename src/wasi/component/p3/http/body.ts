import type { Guest } from '../../abi/guest.ts';
import { ok, type Result } from '../../abi/variants.ts';
import { readBytes } from '../../async/byte-streams.ts';
import type { Channel } from '../../async/channel.ts';
import { emptyChannel, futureOf } from '../../async/host-channel.ts';
import type { ErrorCode } from '../../http/error-code.ts';
import { Fields } from '../../http/fields.ts';
import { errorCodeOf } from '../../http/futures.ts';
import { type BodySource, IncomingBody } from '../../http/incoming-body.ts';

export type Trailers = Result<Fields | undefined, ErrorCode>;

/** A body that somebody is going to read. */
export interface Body {
  readonly contents: Channel<number>;
  readonly trailers: Channel<Trailers>;
}

/** A message's body: a guest's own, or one that comes from the network. */
export type BodyOrigin =
  | {
      readonly kind: 'guest';
      readonly contents: Channel<number> | undefined;
      readonly trailers: Channel<Trailers>;
    }
  | { readonly kind: 'network'; readonly source: BodySource };

/** Begins to read a body. */
export function openBody(guest: Guest, origin: BodyOrigin): Body {
  if (origin.kind === 'guest') {
    return { contents: origin.contents ?? emptyChannel(), trailers: origin.trailers };
  }
  const body = new IncomingBody(origin.source);
  const stream = body.stream();
  if (stream === undefined) return { contents: emptyChannel(), trailers: futureOf(ok(undefined)) };
  const { bytes, ended } = readBytes(guest, stream, errorCodeOf);
  return { contents: bytes, trailers: futureOf(ended.then((end) => trailersOf(end, body))) };
}

/** Says that nobody is going to read a body. */
export function refuseBody(origin: BodyOrigin): void {
  if (origin.kind === 'network') return;
  origin.contents?.dropReader();
  origin.trailers.dropReader();
}

function trailersOf(end: Result<undefined, ErrorCode>, { source }: IncomingBody): Trailers {
  if (end.kind === 'error') return end;
  const trailers = source.trailers();
  return ok(trailers.length === 0 ? undefined : new Fields(trailers, { mutable: false }));
}

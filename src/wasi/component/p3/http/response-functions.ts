import { borrow, own } from '../../abi/handles.ts';
import { type HostFunction, hostFunction } from '../../abi/host-function.ts';
import { u16 } from '../../abi/numbers.ts';
import { tuple } from '../../abi/records.ts';
import { done, error, option } from '../../abi/variants.ts';
import { contents, end, ownFields, plain, trailers } from './message-types.ts';
import { Response } from './messages.ts';

const self = borrow(() => Response);

/** Functions of `response`. */
export const responseFunctions: Record<string, HostFunction> = {
  '[static]response.new': hostFunction(
    [ownFields, option(contents), trailers],
    tuple(
      own(() => Response),
      end,
    ),
    (_guest, headers, body, trailing) => {
      const response = new Response(headers, { kind: 'guest', contents: body, trailers: trailing });
      return [response, response.transmission.future] as const;
    },
  ),
  '[method]response.get-status-code': hostFunction([self], u16, (_guest, it) => it.status),
  '[method]response.set-status-code': hostFunction([self, u16], plain, (_guest, it, status) => {
    if (status < 100 || status > 599) return error(undefined);
    it.status = status;
    return done;
  }),
  '[method]response.get-headers': hostFunction([self], ownFields, (_guest, it) => it.headers()),
  '[static]response.consume-body': hostFunction(
    [own(() => Response), end],
    tuple(contents, trailers),
    (guest, response, handled) => {
      const body = response.consume(guest);
      handled.dropReader();
      response.transmission.succeed();
      return [body.contents, body.trailers] as const;
    },
  ),
};

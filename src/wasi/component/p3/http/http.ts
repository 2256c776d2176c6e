import { borrow } from '../../abi/handles.ts';
import { type HostInterface, hostFunction } from '../../abi/host-function.ts';
import { bytes, list, string } from '../../abi/lists.ts';
import { openEnumeration } from '../../abi/open-enumeration.ts';
import { ok, result } from '../../abi/variants.ts';
import { Fields, type HeaderError } from '../../http/fields.ts';
import { encode, fieldsFunctions } from '../../http/fields-functions.ts';
import { client } from './client.ts';
import { Request, RequestOptions, Response } from './messages.ts';
import { requestFunctions } from './request-functions.ts';
import { requestOptionsFunctions } from './request-options-functions.ts';
import { responseFunctions } from './response-functions.ts';

const headerError = openEnumeration<HeaderError>([
  'invalid-syntax',
  'forbidden',
  'immutable',
  'size-exceeded',
]);

/** https://github.com/WebAssembly/WASI/tree/main/proposals/http/wit */
export const http: readonly HostInterface[] = [
  {
    name: 'wasi:http/types@0.3',
    resources: {
      fields: Fields,
      headers: Fields,
      trailers: Fields,
      request: Request,
      'request-options': RequestOptions,
      response: Response,
    },
    functions: {
      ...fieldsFunctions({ headerError, all: 'copy-all' }),
      '[method]fields.get-and-delete': hostFunction(
        [borrow(() => Fields), string],
        result(list(bytes), headerError),
        (_guest, self, name) => {
          const values = self.get(name).map(encode);
          const deleted = self.delete(name);
          return deleted.kind === 'ok' ? ok(values) : deleted;
        },
      ),
      ...requestFunctions,
      ...requestOptionsFunctions,
      ...responseFunctions,
    },
  },
  client,
];

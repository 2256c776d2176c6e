import { string } from '../abi/lists.ts';
import { unsignedAt } from '../abi/numbers.ts';
import { Resource } from '../abi/resource.ts';
import { type BuiltIn, builtIn } from './built-in.ts';

/** Something to tell a person who looks for a mistake. */
class ErrorContext extends Resource {
  readonly message: string;

  constructor(message: string) {
    super();
    this.message = message;
  }
}

/** What a guest says of its errors. */
export const errorContextBuiltIns: Readonly<Record<string, BuiltIn>> = {
  'error-context.new': builtIn(
    (guest) =>
      (...values) =>
        guest.handles.add(new ErrorContext(string.lift(guest, values, 0))),
  ),
  'error-context.debug-message': builtIn((guest) => (...values) => {
    const { message } = guest.handles.borrow(unsignedAt(values, 0), ErrorContext);
    string.store(guest, unsignedAt(values, 1), message);
    return undefined;
  }),
  'error-context.drop': builtIn(({ handles }) => (...values) => {
    handles.drop(unsignedAt(values, 0), ErrorContext);
    return undefined;
  }),
};

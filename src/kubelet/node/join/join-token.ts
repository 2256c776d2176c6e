/** A bootstrap token: `id.secret`. */
export interface JoinToken {
  readonly id: string;
  readonly secret: string;
}

/** Why a cluster cannot be joined; `code` says whether it is what was given or what was found. */
export class JoinError extends Error {
  override readonly name = 'JoinError';
  readonly code: 'InvalidArgument' | 'NotTrusted' | 'NotReady';

  constructor(code: JoinError['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Reads a token as `kubeadm token create` prints it. */
export function parseJoinToken(text: string): JoinToken {
  const [, id, secret] = /^([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(text) ?? [];
  if (id !== undefined && secret !== undefined) return { id, secret };
  throw new JoinError(
    'InvalidArgument',
    'Cannot read the token: it must have the form abcdef.0123456789abcdef',
  );
}

import * as v from 'valibot';
import { OciError, type OciErrorCode } from '../errors.ts';
import { type HttpResponse, readBody } from '../http/response.ts';

const maxBytes = 65_536;

const bodySchema = v.object({
  errors: v.array(
    v.object({
      code: v.optional(v.string(), ''),
      message: v.optional(v.nullable(v.string(), ''), ''),
    }),
  ),
});

/**
 * The error that a registry's answer means, with the registry's own words.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
 *
 * @param action What was tried, such as `pull registry.example/app:1`.
 */
export async function registryError(response: HttpResponse, action: string): Promise<OciError> {
  const words = await readWords(response, action);
  const code = codeFor(response.status);
  const hint = code === 'Unauthorized' ? ' (wrong or missing credentials, or no such image)' : '';
  return new OciError(
    code,
    `${action}: ${response.url.host} answered ${response.status}${words}${hint}`,
  );
}

function codeFor(status: number): OciErrorCode {
  if (status === 401 || status === 403) return 'Unauthorized';
  if (status === 404) return 'NotFound';
  return status >= 500 ? 'RegistryUnavailable' : 'InvalidResponse';
}

/** What the registry says is a courtesy: that it cannot be read must not hide the status. */
async function readWords(response: HttpResponse, action: string): Promise<string> {
  try {
    const text = Buffer.from(await readBody(response, maxBytes, action)).toString('utf8');
    const body = v.safeParse(v.pipe(v.string(), v.parseJson(), bodySchema), text);
    const [first] = body.success ? body.output.errors : [];
    if (first === undefined) return '';
    return `: ${[first.code, first.message].filter(Boolean).map(printable).join(', ')}`;
  } catch {
    return '';
  }
}

/** A registry's words end on a terminal or in an Event: no control characters, and not too many. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').slice(0, 300);
}

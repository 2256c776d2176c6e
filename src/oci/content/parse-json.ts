import { OciError } from '../errors.ts';

/**
 * Parses JSON that came from a registry. An answer that is something else, such as a captive
 * portal's page, is called what it is.
 *
 * @throws OciError `InvalidResponse`
 */
export function parseJson(bytes: Uint8Array, what: string, contentType = ''): unknown {
  const text = new TextDecoder().decode(bytes);
  if (/^\s*</.test(text) || contentType.startsWith('text/html')) {
    throw new OciError(
      'InvalidResponse',
      `read ${what}: the answer is a web page (${contentType || 'no content type'}), not JSON`,
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    // What the parser says quotes the answer, and an error may be shown to more than may read that.
    throw new OciError('InvalidResponse', `read ${what}: ${bytes.length} bytes that are not JSON`);
  }
}

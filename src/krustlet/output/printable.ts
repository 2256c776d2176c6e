/**
 * What is said of things from elsewhere, as names in an image, with nothing that a terminal would
 * obey: control characters are shown as `\x1b`, lines and tabs kept.
 */
export function printable(text: string): string {
  return text.replace(
    /(?![\n\t])\p{Cc}/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

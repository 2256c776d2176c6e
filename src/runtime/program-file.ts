import path from 'node:path';

/* `src` holds these files in a checkout; `dist` in the package, where most are merged into `chunks`. */

const extension = path.extname(import.meta.filename);
const folder = extension === '.ts' ? 'src' : 'dist';
const here = import.meta.dirname + path.sep;
const programFolder =
  here.slice(0, here.lastIndexOf(`${path.sep}${folder}${path.sep}`) + 1) + folder;

/** The folder of package.json: of the checkout, or of the installed package. */
export const packageFolder = path.dirname(programFolder);

/**
 * A file that is executed or loaded by its name: in the package, those that
 * `scripts/bundle-program.ts` leaves where they were.
 *
 * @param name as `runtime/zygote/zygote-main`
 */
export function programFile(name: string): string {
  return path.join(programFolder, `${name}${extension}`);
}

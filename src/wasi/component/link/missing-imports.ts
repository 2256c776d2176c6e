/** Thrown where a component imports functions that the host does not have. */
export class MissingImports extends Error {
  override readonly name = 'MissingImports';
  readonly code = 'MissingImports';
  /** `interface#function` of each. */
  readonly imports: readonly string[];

  constructor(imports: readonly string[]) {
    super(
      `Cannot start the component: nobody provides ${imports.map((it) => `'${it}'`).join(', ')}`,
    );
    this.imports = imports;
  }
}

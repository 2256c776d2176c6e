/** Prints a line of a table whose lines come one at a time: how wide the widest cell will be is not known. */
export function printRow(cells: readonly string[]): void {
  const widths = [54, 16, 24, 6, 0];
  console.log(
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join(' ')
      .trimEnd(),
  );
}

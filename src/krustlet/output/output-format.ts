import { Option } from 'commander';
import { formatTable } from './format-table.ts';

const outputFormats = ['table', 'json'] as const;
export type OutputFormat = (typeof outputFormats)[number];

/** The option of every command that lists something. */
export function outputOption(): Option {
  return new Option('-o, --output <format>', 'how to print the answer')
    .choices(outputFormats)
    .default('table');
}

/** What a command has to say, for a person and for a script. */
export interface Listing {
  readonly headings: readonly string[];
  readonly rows: readonly string[][];
  /** What `--output json` prints. */
  readonly json: unknown;
}

export function formatListing(format: OutputFormat, listing: Listing): string {
  if (format === 'json') return `${JSON.stringify(listing.json, null, 2)}\n`;
  return formatTable(listing.headings, listing.rows);
}

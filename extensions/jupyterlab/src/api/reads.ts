/** What a dataset can be read as in a notebook. */
export type Language = 'pandas' | 'polars' | 'arrow' | 'duckdb' | 'sql';

export const LANGUAGES: readonly Language[] = ['pandas', 'polars', 'arrow', 'duckdb', 'sql'];

/** How each is called in menus. */
export const WORDS: Readonly<Record<Language, string>> = {
  pandas: 'pandas',
  polars: 'polars',
  arrow: 'Arrow',
  duckdb: 'DuckDB',
  sql: 'SQL'
};

export function isLanguage(value: unknown): value is Language {
  return LANGUAGES.includes(value as Language);
}

/** The code that reads a dataset. */
export function readCode(dataset: string, language: Language): string {
  switch (language) {
    case 'pandas':
      return `wb.read("${dataset}")`;
    case 'sql':
      return `wb.sql("select * from ${dataset} limit 100")`;
    default:
      return `wb.read("${dataset}", as_="${language}")`;
  }
}

const IMPORT = 'import workbench as wb';

/** A cell that reads a dataset, in a notebook of these cells: it imports what none of them does yet. */
export function cellCode(dataset: string, language: Language, cells: readonly string[]): string {
  const imported = cells.some(source => source.split('\n').some(line => line.trim().startsWith(IMPORT)));
  const code = readCode(dataset, language);
  return imported ? code : `${IMPORT}\n\n${code}`;
}

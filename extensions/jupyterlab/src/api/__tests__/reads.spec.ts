import { describe, expect, it } from 'vitest';

import { cellCode, isLanguage, readCode } from '../reads';

describe('readCode', () => {
  it('reads as each kind', () => {
    expect(readCode('raw.sales', 'pandas')).toBe('wb.read("raw.sales")');
    expect(readCode('raw.sales', 'polars')).toBe('wb.read("raw.sales", as_="polars")');
    expect(readCode('raw.sales', 'sql')).toBe('wb.sql("select * from raw.sales limit 100")');
  });
});

describe('cellCode', () => {
  it('imports what the notebook does not', () => {
    expect(cellCode('raw.sales', 'pandas', [])).toBe('import workbench as wb\n\nwb.read("raw.sales")');
    expect(cellCode('raw.sales', 'pandas', ['x = 1\nimport workbench as wb'])).toBe('wb.read("raw.sales")');
    expect(cellCode('raw.sales', 'pandas', ['# import workbench as wb'])).toContain('import');
  });
});

describe('isLanguage', () => {
  it('knows its own', () => {
    expect(isLanguage('sql')).toBe(true);
    expect(isLanguage('cobol')).toBe(false);
    expect(isLanguage(undefined)).toBe(false);
  });
});

/** What turns sentences into those of the reader's language: Lab's bundle of translations, or English where there is no Lab. */
export interface Words {
  __(text: string, ...values: unknown[]): string;
  /** `%1` is the number. */
  _n(one: string, many: string, number: number, ...values: unknown[]): string;
}

/** Sentences as they stand in the code. */
export const ENGLISH: Words = {
  __: (text, ...values) => filled(text, values),
  _n: (one, many, number, ...values) => filled(number === 1 ? one : many, [number, ...values])
};

function filled(text: string, values: readonly unknown[]): string {
  return text.replace(/%(\d)/g, (all, digit: string) => {
    const value = values[Number(digit) - 1];
    return value === undefined ? all : String(value);
  });
}

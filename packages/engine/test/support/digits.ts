import fc from 'fast-check';

export type Pick = <Choice>(choices: readonly Choice[]) => Choice;

/**
 * Choices by the digits of one number, each in the base of its own list. Generating and shrinking one number costs a
 * tenth of doing so with a record of choices.
 */
export function picker(code: number): Pick {
  let rest = code;
  return (choices) => {
    const choice = choices[rest % choices.length];
    rest = Math.floor(rest / choices.length);
    // A number modulo the length is an index of the list.
    return choice as (typeof choices)[number];
  };
}

export const code = fc.noBias(fc.integer({ min: 0, max: 2 ** 31 - 1 }));
